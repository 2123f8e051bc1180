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
from core.errors import DataError
from core.evaluation.candidates import find_candidates
from core.evaluation.word_vectors import unit
from core.row_sums import RowSums, percent
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

    The candidates are the first words of the vectors, except a, b and c: those of the file (``embedding=file``) or
    of word2vec's table, which text does not change; else the most frequent training words. As in gensim's
    ``evaluate_word_analogies`` case is ignored, and a word whose vector is zero is never the answer. A question
    with a word that is not a candidate counts as wrong; the accuracy over the other questions is also reported.
    Dev and test are the same questions.

    Args:
        pairs: a file with one analogy ``a b c d`` per line and lines ``: section`` between them.
        restrict_vocab: the largest number of candidates, the first words of the vectors.
        case_insensitive: whether words that differ only in case are one word, with the vector of the first.
    """

    kind = "vector"
    primary = "accuracy"

    def __init__(
        self,
        *,
        pairs: str,
        restrict_vocab: Annotated[int, Gt(0)] = 300_000,
        case_insensitive: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.path, self.restrict_vocab = Path(pairs).expanduser(), restrict_vocab
        self.case_insensitive = case_insensitive

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the questions; see ``Task.fingerprint``."""
        path = Path(options["pairs"]).expanduser()
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

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
        rule = f"{self.restrict_vocab}" if self.case_insensitive else f"{self.restrict_vocab} exact"
        return [Question(analogy.words, f"{analogy.section} {rule}") for analogy in self.analogies]

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """The id that each method answers (-1: none), and whether it is right.

        Raises:
            DataError: no question has all of its words among the candidates.
        """
        found = find_candidates(corpus.vocab, vectors, self.restrict_vocab, self.case_insensitive)
        places = [[found.place(word) for word in analogy.words] for analogy in self.analogies]
        questions = np.array(places, dtype=np.int64)  # (Q, 4)
        covered = (questions >= 0).all(1)
        if not covered.any():
            among = f"among the {len(found.ids):,} candidates"
            what = f"none of {len(questions):,} questions has all of its words {among}"
            remedy = "use more text, lower min_count, or raise task.restrict_vocab"
            raise DataError(what, where=str(self.path), remedy=remedy)
        variant = np.array([found.first[form] for form in found.forms])  # one number for words that are one
        best = _complete(unit(found.vectors), variant, questions[covered, :3])
        answers: Arrays = {"covered": covered}
        for name, chosen in best.items():
            is_answer = chosen >= 0
            answers[name] = np.full(len(questions), -1, dtype=np.int32)
            answers[name][covered] = np.where(is_answer, found.ids[chosen], -1)
            answers[f"{name}_right"] = np.zeros(len(questions), dtype=bool)
            answers[f"{name}_right"][covered] = is_answer & (variant[chosen] == variant[questions[covered, 3]])
        return answers

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy of 3CosAdd and of 3CosMul, over all questions and over those that are covered."""
        covered = predictions["covered"]
        add, mul = predictions["add_right"], predictions["mul_right"]
        return {
            "accuracy": _percent(add),
            "mul_accuracy": _percent(mul),
            "covered": _percent(covered),
            "accuracy_of_covered": _percent(add[covered]),
            "mul_accuracy_of_covered": _percent(mul[covered]),
        }

    def row_sums(self, metric: str, predictions: Arrays, corpus: Corpus) -> RowSums | None:
        """Right answers and questions; see ``Task.row_sums``."""
        if metric != self.primary:
            return None
        right = predictions["add_right"]
        return RowSums(np.stack([right, np.ones(len(right))], axis=-1), percent)  # (Q, 2)

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """One row per section: questions, covered questions, and the accuracy of each method over the latter."""
        covered, rows = predictions["covered"], []
        add, mul = predictions["add_right"], predictions["mul_right"]
        names = np.array([analogy.section for analogy in self.analogies])
        for name in dict.fromkeys(names.tolist()):
            known = (names == name) & covered
            scores = _percent(add[known]), _percent(mul[known])
            rows.append((name, int((names == name).sum()), int(known.sum()), *scores))
        return [Table("sections", ("section", "questions", "covered", "3CosAdd", "3CosMul"), rows)]


def _complete(rows: Float32s, variant: Array, questions: Array) -> dict[str, Array]:
    """The best candidate of each question by both methods: indices int64 (Q,), -1 for none.

    Up to a factor per question, the cosine with b - a + c is a sum of three cosines (Levy and Goldberg, 2014).

    Args:
        rows: the vectors of the candidates, normalised to length 1, or zero: (N, D).
        variant: int (N,), equal for candidates that only differ in case.
        questions: indices of a, b and c: (Q, 3).
    """
    words, inverse = np.unique(questions, return_inverse=True)
    a, b, c = inverse.reshape(questions.shape).T  # (Q,) each
    best = {name: np.full(len(questions), -1, dtype=np.int64) for name in ("add", "mul")}
    least = {"add": -np.inf, "mul": 0}  # the score of a word that is not to be chosen
    top = {name: np.full(len(questions), least[name], dtype=np.float32) for name in best}
    zero = ~rows.any(1)  # (N,), at no angle to anything: neither an answer nor in a question that has one
    for at in range(0, len(rows), BLOCK):
        cosines = rows[words] @ rows[at : at + BLOCK].T  # (W, n)
        own = variant[words][:, None] == variant[at : at + BLOCK]  # (W, n)
        own |= zero[words][:, None] | zero[at : at + BLOCK]
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
