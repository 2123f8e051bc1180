"""Analogies: which word is to c as b is to a."""

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

BLOCK = 8192  # candidates scored at a time
CHUNK = 256  # questions that are answered at a time
SMALL = 1e-6  # keeps the divisor of 3CosMul above 0, as in gensim


class Analogy(NamedTuple):
    """One line of a file: a is to b as c is to d."""

    section: str
    words: tuple[str, str, str, str]


class Analogies(Task):
    """Complete ``a b c d``, by 3CosAdd (Mikolov et al., 2013) and 3CosMul (Levy and Goldberg, 2014, equation 4).

    The candidates are the most frequent training words that have a vector, except a, b and c; case is ignored, as
    in gensim's ``evaluate_word_analogies``. A question with a word that is not a candidate counts as wrong; the
    accuracy over the other questions is also reported. Dev and test are the same questions.

    Args:
        pairs: a file with one analogy ``a b c d`` per line and lines ``: section`` between them.
        candidates: the maximum number of candidate words.
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
    def analogies(self) -> list[Analogy]:
        """All analogies.

        Raises:
            DataError: the file is missing or empty, or a line of it is not an analogy.
        """
        if not self.path.is_file():
            remedy = "give the path of a file of lines `a b c d`"
            raise DataError("there is no such file", where=f"task.pairs={self.path}", remedy=remedy)
        analogies = list(_read(self.path))
        if not analogies:
            raise DataError("the file has no analogies", where=str(self.path), remedy="add lines `a b c d`")
        return analogies

    def questions(self) -> Sequence[Question]:
        """The analogies; see ``Task.questions``."""
        return [Question(analogy.words, f"{analogy.section} {self.candidates}") for analogy in self.analogies]

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """The id that each method answers, -1 if a word of the question is not a candidate.

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
        places = [[first.get(word.upper(), -1) for word in analogy.words] for analogy in self.analogies]
        questions = np.array(places, dtype=np.int64)  # (Q, 4)
        covered = (questions >= 0).all(1)
        if not covered.any():
            what = f"none of {len(questions):,} questions has all of its words among the {len(ids):,} candidates"
            remedy = "use more text, lower min_count, or raise task.candidates"
            raise DataError(what, where=str(self.path), remedy=remedy)
        variant = np.array(
            [first[form] for form in forms.tolist()]
        )  # words that differ only in case share a number
        best = _complete(rows, variant, questions[covered, :3])
        answers = {name: np.full(len(questions), -1, dtype=np.int32) for name in best}
        for name, chosen in best.items():
            answers[name][covered] = ids[chosen]
        return {**answers, "covered": covered}

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
        """One row per section: questions, covered questions, and the accuracy of each method over the latter."""
        covered, rows = predictions["covered"], []
        add, mul = (self._right(predictions[name], corpus) for name in ("add", "mul"))
        names = np.array([analogy.section for analogy in self.analogies])
        for name in dict.fromkeys(names.tolist()):
            known = (names == name) & covered
            scores = _percent(add[known]), _percent(mul[known])
            rows.append((name, int((names == name).sum()), int(known.sum()), *scores))
        return [Table("sections", ("section", "questions", "covered", "3CosAdd", "3CosMul"), rows)]

    def _right(self, answers: Array, corpus: Corpus) -> Array:
        """Which answers are right, ignoring case: bool (Q,)."""
        words = corpus.vocab.words
        pairs = zip(answers.tolist(), self.analogies, strict=True)
        return np.array([i >= 0 and words[i].upper() == analogy.words[3].upper() for i, analogy in pairs])


def _complete(rows: Float32s, variant: Array, questions: Array) -> dict[str, Array]:
    """The best candidate of each question by both methods: indices int64 (Q,).

    Up to a factor per question, the cosine with b - a + c is a sum of three cosines (Levy and Goldberg, 2014).

    Args:
        rows: the vectors of the candidates, normalised to length 1: (N, D).
        variant: int (N,), equal for candidates that only differ in case.
        questions: indices of a, b and c: (Q, 3).
    """
    words, inverse = np.unique(questions, return_inverse=True)
    a, b, c = inverse.reshape(questions.shape).T  # (Q,) each
    best = {name: np.zeros(len(questions), dtype=np.int64) for name in ("add", "mul")}
    top = {name: np.full(len(questions), -np.inf, dtype=np.float32) for name in best}
    for at in range(0, len(rows), BLOCK):
        cosines = rows[words] @ rows[at : at + BLOCK].T  # (W, n)
        own = variant[words][:, None] == variant[at : at + BLOCK]  # (W, n)
        plus, minus = np.where(own, -np.inf, cosines), np.where(own, np.inf, cosines)
        near = (1 + cosines) / 2  # (W, n)
        factor, divisor = np.where(own, 0, near), np.where(own, 0, 1 / (near + SMALL))
        for start in range(0, len(questions), CHUNK):
            some = slice(start, start + CHUNK)
            by_method = {
                "add": plus[b[some]] + plus[c[some]] - minus[a[some]],  # (q, n)
                "mul": factor[b[some]] * factor[c[some]] * divisor[a[some]],  # (q, n)
            }
            for name, scores in by_method.items():
                here = scores.argmax(1)  # (q,)
                value = scores[np.arange(len(here)), here]
                better = value > top[name][some]
                top[name][some] = np.where(better, value, top[name][some])
                best[name][some] = np.where(better, at + here, best[name][some])
    return best


def _percent(right: Array) -> float:
    return 100.0 * float(np.mean(right)) if len(right) else float("nan")


def _read(file: Path) -> Iterator[Analogy]:
    """The analogies of a file; lines before the first section belong to a section named after the file."""
    section = file.name
    for number, line in enumerate(lines(str(file)), start=1):
        if line.startswith(":"):
            section = line.lstrip(": ").strip()
            continue
        words = line.split()
        if len(words) == 4:
            yield Analogy(section, (words[0], words[1], words[2], words[3]))
        elif words:
            what, remedy = f"'{line.strip()[:60]}' is not an analogy", "write four words, or `: section`"
            raise DataError(what, where=f"{file}:{number}", remedy=remedy)
