"""Analogies: which word is to c as b is to a?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from annotated_types import Gt

from core.data.corpus import Corpus
from core.data.lines import lines
from core.data.vocab import FIRST
from core.errors import DataError
from core.evaluation.word_vectors import unit
from core.task import Task
from core.types import Array, Arrays, Float32s, Lookup, Question, Table

BLOCK = 8192  # candidates that are scored at a time
CHUNK = 256  # questions that are answered at a time
SMALL = 1e-6  # what keeps 3CosMul's divisor from 0, as in gensim


class Analogy(NamedTuple):
    """One line of a file: a is to b as c is to d."""

    section: str
    words: tuple[str, str, str, str]


class Analogies(Task):
    """Complete ``a b c d``, by 3CosAdd (Mikolov et al., 2013) and 3CosMul (Levy and Goldberg, 2014, equation 4).

    The candidates are the most frequent training words that have a vector, but for a, b and c; case does not
    matter. All as gensim's ``evaluate_word_analogies`` does it. A question with a word that is no candidate is
    wrong; the figures of those that are covered stand beside. Dev and test are the same questions.

    Args:
        pairs: a file of lines ``a b c d``, with lines ``: section`` between them.
        candidates: answers are sought among so many words, at most.
    """

    kind = "vector"
    primary = "accuracy"

    def __init__(self, *, pairs: str, candidates: Annotated[int, Gt(0)] = 300_000, **options: Any) -> None:
        super().__init__(**options)
        self.path, self.candidates = Path(pairs).expanduser(), candidates

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the questions; see ``Task.fingerprint``."""
        path = Path(options["pairs"]).expanduser()
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

    @cached_property
    def asked(self) -> list[Analogy]:
        """All analogies.

        Raises:
            DataError: the file is missing or empty, or a line of it is no analogy.
        """
        if not self.path.is_file():
            remedy = "name a file of lines `a b c d`"
            raise DataError("there is no such file", where=f"task.pairs={self.path}", remedy=remedy)
        found = list(_read(self.path))
        if not found:
            raise DataError("the file has no analogy", where=str(self.path), remedy="give it lines `a b c d`")
        return found

    def questions(self) -> Sequence[Question]:
        """The analogies; see ``Task.questions``."""
        return [Question(analogy.words, f"{analogy.section} {self.candidates}") for analogy in self.asked]

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """The id that each way answers, -1 where a word of the question is no candidate.

        Raises:
            DataError: no question has all of its words among the candidates.
        """
        ids = np.arange(FIRST, corpus.vocab.size)
        rows, has = vectors(ids)
        ids, rows = ids[has][: self.candidates], unit(rows[has][: self.candidates])
        forms = np.array([corpus.vocab.words[i].upper() for i in ids.tolist()], dtype=object)
        first: dict[str, int] = {}
        for place, form in enumerate(forms.tolist()):
            first.setdefault(form, place)
        places = [[first.get(word.upper(), -1) for word in analogy.words] for analogy in self.asked]
        asked = np.array(places, dtype=np.int64)  # (Q, 4)
        covered = (asked >= 0).all(1)
        if not covered.any():
            what = f"no question of {len(asked):,} has all of its words among the {len(ids):,} candidates"
            remedy = "take more text, lower min_count, or raise task.candidates"
            raise DataError(what, where=str(self.path), remedy=remedy)
        variant = np.array([first[form] for form in forms.tolist()])  # of words that differ in case, one place
        found = _complete(rows, variant, asked[covered, :3])
        said = {name: np.full(len(asked), -1, dtype=np.int32) for name in found}
        for name, best in found.items():
            said[name][covered] = ids[best]
        return {**said, "covered": covered}

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy of 3CosAdd and of 3CosMul, over all questions and over those that are covered."""
        covered = predictions["covered"]
        add, mul = (self._right(predictions[name], corpus) for name in ("add", "mul"))
        return {
            "accuracy": _percent(add),
            "mul_accuracy": _percent(mul),
            "covered": _percent(covered),
            "accuracy_of_covered": _percent(add[covered]),
            "mul_accuracy_of_covered": _percent(mul[covered]),
        }

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """A row a section: its questions, those that are covered, and how many of them each way has right."""
        covered, rows = predictions["covered"], []
        add, mul = (self._right(predictions[name], corpus) for name in ("add", "mul"))
        names = np.array([analogy.section for analogy in self.asked])
        for name in dict.fromkeys(names.tolist()):
            known = (names == name) & covered
            figures = _percent(add[known]), _percent(mul[known])
            rows.append((name, int((names == name).sum()), int(known.sum()), *figures))
        return [Table("sections", ("section", "questions", "covered", "3CosAdd", "3CosMul"), rows)]

    def _right(self, said: Array, corpus: Corpus) -> Array:
        """Which answers are right, whatever their case: bool (Q,)."""
        words = corpus.vocab.words
        pairs = zip(said.tolist(), self.asked, strict=True)
        return np.array([i >= 0 and words[i].upper() == asked.words[3].upper() for i, asked in pairs])


def _complete(rows: Float32s, variant: Array, asked: Array) -> dict[str, Array]:
    """The best candidate of each question by both ways: places int64 (Q,).

    The cosine with b - a + c is, but for a factor a question, the sum of three cosines (Levy and Goldberg, 2014).

    Args:
        rows: the candidates, each of length 1: (N, D).
        variant: int (N,), equal for candidates that differ in case alone.
        asked: places of a, b and c: (Q, 3).
    """
    words, inverse = np.unique(asked, return_inverse=True)
    a, b, c = inverse.reshape(asked.shape).T  # (Q,) each
    best = {name: np.zeros(len(asked), dtype=np.int64) for name in ("add", "mul")}
    top = {name: np.full(len(asked), -np.inf, dtype=np.float32) for name in best}
    for at in range(0, len(rows), BLOCK):
        cosines = rows[words] @ rows[at : at + BLOCK].T  # (W, n)
        own = variant[words][:, None] == variant[at : at + BLOCK]  # (W, n)
        plus, minus = np.where(own, -np.inf, cosines), np.where(own, np.inf, cosines)
        near = (1 + cosines) / 2  # (W, n)
        factor, divisor = np.where(own, 0, near), np.where(own, 0, 1 / (near + SMALL))
        for start in range(0, len(asked), CHUNK):
            some = slice(start, start + CHUNK)
            by_way = {
                "add": plus[b[some]] + plus[c[some]] - minus[a[some]],  # (q, n)
                "mul": factor[b[some]] * factor[c[some]] * divisor[a[some]],  # (q, n)
            }
            for name, scores in by_way.items():
                here = scores.argmax(1)  # (q,)
                value = scores[np.arange(len(here)), here]
                better = value > top[name][some]
                top[name][some] = np.where(better, value, top[name][some])
                best[name][some] = np.where(better, at + here, best[name][some])
    return best


def _percent(right: Array) -> float:
    return 100.0 * float(np.mean(right)) if len(right) else float("nan")


def _read(file: Path) -> Iterator[Analogy]:
    """The analogies of a file; those above the first section are of one that is called as the file."""
    section = file.name
    for number, line in enumerate(lines(str(file)), start=1):
        if line.startswith(":"):
            section = line.lstrip(": ").strip()
            continue
        words = line.split()
        if len(words) == 4:
            yield Analogy(section, (words[0], words[1], words[2], words[3]))
        elif words:
            what, remedy = f"'{line.strip()[:60]}' is no analogy", "write four words, or `: section`"
            raise DataError(what, where=f"{file}:{number}", remedy=remedy)
