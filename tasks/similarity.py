"""Word similarity: do the cosines of vectors rank pairs of words as people do?"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.data.corpus import Corpus
from core.data.lines import lines
from core.errors import DataError
from core.evaluation import metrics
from core.evaluation.word_vectors import unit
from core.task import Task
from core.types import Arrays, Lookup, Question, Table

ENDINGS = (".txt", ".tsv", ".csv", ".gz")  # of the files of a folder that are read
TAKEN = ("spearman", "covered")  # the figures beside those of the files


class Pair(NamedTuple):
    """One line of a file: two words and how alike people found them."""

    file: str
    first: str
    second: str
    score: float


class Similarity(Task):
    """Rank pairs of words by the cosine of their vectors; judged by Spearman's correlation with people's scores.

    Each file has its own figure, over all of its pairs: one that lacks a vector scores 0. The primary figure is
    their mean. Pairs that people scored alike, or a single one, have no figure. Dev and test are the same pairs,
    since nothing is chosen by them.

    Args:
        pairs: a file of lines ``word word score`` (blanks, tabs or commas; a header may stand above), or a folder
            of such files; a folder's files of analogies are left out.
    """

    kind = "vector"
    primary = "spearman"

    def __init__(self, *, pairs: str, **options: Any) -> None:
        super().__init__(**options)
        self.path = Path(pairs).expanduser()

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the pairs; see ``Task.fingerprint``."""
        path = Path(options["pairs"]).expanduser()
        if not path.exists():
            return None
        state = hashlib.sha256()
        for file in _files(path):
            state.update(file.name.encode() + b"\0" + file.read_bytes())
        return state.hexdigest()

    @cached_property
    def pairs(self) -> list[Pair]:
        """All pairs, file by file.

        Raises:
            DataError: a file is missing or empty, or a line of it is no pair.
        """
        if not self.path.exists():
            remedy = "name a file of lines `word word score`, or a folder of such files"
            raise DataError("there is no such file", where=f"task.pairs={self.path}", remedy=remedy)
        found = [pair for file in _files(self.path) for pair in _read(file, self.path.is_dir())]
        if not found:
            remedy = "give it files whose lines are `word word score`"
            raise DataError("the folder has no file of pairs", where=str(self.path), remedy=remedy)
        return found

    def questions(self) -> Sequence[Question]:
        """The pairs; see ``Task.questions``."""
        return [Question((pair.first, pair.second), f"{pair.file} {pair.score}") for pair in self.pairs]

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """The cosine of each pair, 0 where a word has no vector.

        Raises:
            DataError: no pair has vectors for both words.
        """
        ids, inverse = np.unique(corpus.tokens.values[corpus.tokens.inner], return_inverse=True)
        rows, has = vectors(ids)
        first, second = inverse.reshape(-1, 2).T  # (Q,), (Q,)
        rows, covered = unit(rows), has[first] & has[second]
        if not covered.any():
            what = f"no pair of {len(covered):,} has vectors for both of its words"
            remedy = "take more text, lower min_count, or pairs in the language of the vectors"
            raise DataError(what, where=str(self.path), remedy=remedy)
        cosines = np.einsum("qd,qd->q", rows[first], rows[second])  # (Q,)
        return {"similarity": np.where(covered, cosines, 0).astype(np.float32), "covered": covered}

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """The mean of the files' figures, each file's own, and the share of pairs that have vectors."""
        said = predictions["similarity"]
        by_file = {name: _agreement(self.scores[at], said[at]) for name, at in self._files()}
        covered = 100.0 * float(np.mean(predictions["covered"]))
        return {
            "spearman": float(np.mean(list(by_file.values()))),
            **(by_file if len(by_file) > 1 else {}),
            "covered": covered,
        }

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """A row a file: its pairs, those that have vectors, the figure over all and over those alone."""
        said, covered, rows = predictions["similarity"], predictions["covered"], []
        for name, at in self._files():
            known = at & covered
            counts = int(at.sum()), int(known.sum())
            figures = [_agreement(self.scores[some], said[some]) for some in (at, known)]
            rows.append((name, *counts, *figures))
        return [Table("pairs", ("file", "pairs", "covered", "Spearman", "Spearman of covered"), rows)]

    @property
    def scores(self) -> metrics.Array:
        """What people said: float64 (Q,)."""
        return np.array([pair.score for pair in self.pairs])

    def _files(self) -> Iterator[tuple[str, metrics.Array]]:
        """Each file's name, and which pairs are its own: bool (Q,)."""
        names = np.array([pair.file for pair in self.pairs])
        for name in dict.fromkeys(names.tolist()):
            yield name, names == name


def _files(path: Path) -> list[Path]:
    """The file, or those of the folder in the order of their names."""
    if not path.is_dir():
        return [path]
    return sorted(f for f in path.iterdir() if f.suffix in ENDINGS and f.name[0] != "." and f.is_file())


def _read(file: Path, of_folder: bool) -> Iterator[Pair]:
    """The pairs of one file, which is called by its name without the ending, unless a figure is called so."""
    name, found = file.name.removesuffix(".gz").rpartition(".")[0], 0
    name = file.name if not name or name in TAKEN else name
    for number, line in enumerate(lines(str(file)), start=1):
        if not line.strip() or line[0] == "#":
            continue
        if of_folder and not found and line[0] == ":":  # a section of analogies
            return
        cut = line.split("\t" if "\t" in line else "," if "," in line else None)
        first, second, score = ([part.strip() for part in cut] + [""] * 3)[:3]
        if number == 1 and len(cut) > 2 and not _is_number(score):  # a header
            continue
        value = float(score) if _is_number(score) else math.nan
        if not first or not second or not math.isfinite(value):
            remedy = "write `word word score`, the score a number"
            raise DataError(f"'{line.strip()[:60]}' is no pair", where=f"{file}:{number}", remedy=remedy)
        found += 1
        yield Pair(name, first, second, value)
    if not found:
        raise DataError("the file has no pair", where=str(file), remedy="give it lines `word word score`")


def _agreement(scores: metrics.Array, said: metrics.Array) -> float:
    """Spearman's correlation in percent, NaN where people gave fewer than two different scores."""
    return metrics.spearman(scores, said) if len(np.unique(scores)) > 1 else math.nan


def _is_number(text: str) -> bool:
    """Whether it is written as a number; one that is not finite is."""
    try:
        float(text)
    except ValueError:
        return False
    return True
