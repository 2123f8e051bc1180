"""Word similarity: whether the cosines of vectors rank pairs of words as annotators do."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from annotated_types import Gt

from core.data.corpus import Corpus
from core.data.lines import lines
from core.data.vocab import UNK
from core.errors import DataError
from core.evaluation import metrics
from core.evaluation.candidates import find_candidates
from core.evaluation.word_vectors import unit
from core.row_sums import RowSums, pseudo_values
from core.task import Task
from core.types import Array, Arrays, Bools, Float64s, Int64s, Lookup, Question, Table

ENDINGS = (".txt", ".tsv", ".csv", ".gz")  # of the files of a folder that are read
RESTRICT = 300_000  # as in gensim
RESERVED = ("spearman", "covered")  # metrics that are not named after a file

Correlation = Callable[[Any, Any], float]


class Pair(NamedTuple):
    """One line of a file: two words and the similarity that annotators gave them."""

    file: str
    first: str
    second: str
    score: float


class Similarity(Task):
    """Rank pairs of words by the cosine of their vectors; scored by Spearman's correlation with annotators.

    Each file has its own score over all of its pairs; a pair without vectors has the similarity 0. The primary
    score is their mean. A file with fewer than two different annotator scores has no score. Dev and test are the
    same pairs, since nothing is tuned on them. Words are looked up as in gensim's ``evaluate_word_pairs``: of the
    words that differ only in case the first has the vector.

    Args:
        pairs: a file of lines ``word word score`` (separated by blanks, tabs or commas, with an optional header),
            or a folder of such files; files of analogies in the folder are ignored.
        restrict_vocab: the largest number of words that are looked up, the first words of the vectors.
        case_insensitive: whether words that differ only in case are one word, with the vector of the first.
    """

    kind = "vector"
    primary = "spearman"

    def __init__(
        self,
        *,
        pairs: str,
        restrict_vocab: Annotated[int, Gt(0)] = RESTRICT,
        case_insensitive: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.path = Path(pairs).expanduser()
        self.restrict_vocab, self.case_insensitive = restrict_vocab, case_insensitive

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the pairs; see ``Task.fingerprint``."""
        path = Path(options["pairs"]).expanduser()
        if not path.is_file() and not path.is_dir():
            return None
        state = hashlib.sha256()
        for file in _files(path):
            with file.open("rb") as content:
                own = hashlib.file_digest(content, "sha256").digest()
            state.update(file.name.encode() + b"\0" + own)
        return state.hexdigest()

    @cached_property
    def pairs(self) -> list[Pair]:
        """All pairs, file by file.

        Raises:
            DataError: a file is missing or empty, or a line of it is not a pair.
        """
        if not self.path.is_file() and not self.path.is_dir():
            remedy = "give the path of a file of lines `word word score`, or of a folder of such files"
            raise DataError("there is no such file", where=f"task.pairs={self.path}", remedy=remedy)
        pairs = [pair for file in _files(self.path) for pair in _read(file, self.path.is_dir())]
        if not pairs:
            remedy = "add files of lines `word word score`"
            raise DataError("the folder has no file of pairs", where=str(self.path), remedy=remedy)
        return pairs

    def questions(self) -> Sequence[Question]:
        """The pairs; see ``Task.questions``."""
        usual = self.restrict_vocab == RESTRICT and self.case_insensitive
        rule = "" if usual else f" {self.restrict_vocab} {self.case_insensitive}"
        return [Question((pair.first, pair.second), f"{pair.file} {pair.score}{rule}") for pair in self.pairs]

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """The cosine of each pair, 0 if a word has no vector.

        Raises:
            DataError: no pair has vectors for both words.
        """
        ids, inverse = np.unique(self._looked_up(corpus, vectors), return_inverse=True)
        rows, has = vectors(ids)
        first, second = inverse.reshape(-1, 2).T  # (Q,), (Q,)
        rows, covered = unit(rows), has[first] & has[second]
        if not covered.any():
            what = f"none of {len(covered):,} pairs has vectors for both of its words"
            remedy = "use more text, lower min_count, or give pairs in the language of the vectors"
            raise DataError(what, where=str(self.path), remedy=remedy)
        cosines = np.einsum("qd,qd->q", rows[first], rows[second])  # (Q,)
        return {"similarity": np.where(covered, cosines, 0).astype(np.float32), "covered": covered}

    def _looked_up(self, corpus: Corpus, vectors: Lookup) -> Int64s:
        """The ids whose vectors the words of the pairs have, two per pair: int64 (2 * Q,)."""
        found = find_candidates(corpus.vocab, vectors, self.restrict_vocab, self.case_insensitive)
        asked = corpus.tokens.values[corpus.tokens.inner].astype(np.int64)
        places = np.array([found.place(word) for word in corpus.spell(asked)], dtype=np.int64)
        rest = np.where(asked < corpus.vocab.size, UNK, asked)  # an embedding may spell words that are not listed
        rest[places >= 0] = found.ids[places[places >= 0]]
        return rest

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """The mean score of the files, the score of each file, and the share of pairs that have vectors."""
        similarity = predictions["similarity"]
        by_file = {name: _agreement(self.scores[at], similarity[at]) for name, at in self._files()}
        covered = 100.0 * float(np.mean(predictions["covered"]))
        return {
            "spearman": float(np.mean(list(by_file.values()))),
            **(by_file if len(by_file) > 1 else {}),
            "covered": covered,
        }

    def row_sums(self, metric: str, predictions: Arrays, corpus: Corpus) -> RowSums | None:
        """The mean score of the files, computed again without parts of the pairs; see ``Task.row_sums``."""
        files, similarity = list(self._files()), predictions["similarity"]

        def score(kept: Bools) -> float:
            scores = [_agreement(self.scores[at & kept], similarity[at & kept]) for _, at in files]
            known = [score for score in scores if not math.isnan(score)]
            return float(np.mean(known)) if known else math.nan

        return pseudo_values(score, len(similarity)) if metric == self.primary else None

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """One row per file: pairs, covered pairs, and the scores over all pairs and over the covered ones."""
        similarity, covered, rows = predictions["similarity"], predictions["covered"], []
        for name, at in self._files():
            known = at & covered
            counts = int(at.sum()), int(known.sum())
            parts = [(self.scores[some], similarity[some]) for some in (at, known)]
            scores = [_agreement(*part, method) for method in (metrics.spearman, _pearson) for part in parts]
            rows.append((name, *counts, *scores))
        columns = ("Spearman", "Spearman of covered", "Pearson", "Pearson of covered")
        return [Table("pairs", ("file", "pairs", "covered", *columns), rows)]

    @property
    def scores(self) -> Float64s:
        """The annotators' scores: float64 (Q,)."""
        return np.array([pair.score for pair in self.pairs])

    def _files(self) -> Iterator[tuple[str, Bools]]:
        """The name of each file and which pairs it holds: bool (Q,)."""
        names = np.array([pair.file for pair in self.pairs])
        for name in dict.fromkeys(names.tolist()):
            yield name, names == name


def _files(path: Path) -> list[Path]:
    """The file, or the files of the folder sorted by name."""
    if not path.is_dir():
        return [path]
    return sorted(f for f in path.iterdir() if f.suffix in ENDINGS and f.name[0] != "." and f.is_file())


def _read(file: Path, of_folder: bool) -> Iterator[Pair]:
    """The pairs of one file; its score is named after the file without its ending, unless the name is reserved."""
    name, count = file.name.removesuffix(".gz").rpartition(".")[0], 0
    name = file.name if not name or name in RESERVED else name
    for number, line in enumerate(lines(str(file)), start=1):
        if not line.strip() or line[0] == "#":
            continue
        if of_folder and not count and line[0] == ":":  # a section of analogies
            return
        fields = line.split("\t" if "\t" in line else "," if "," in line else None)
        first, second, score = ([field.strip() for field in fields] + [""] * 3)[:3]
        if number == 1 and len(fields) > 2 and not _is_number(score):  # a header
            continue
        value = float(score) if _is_number(score) else math.nan
        if not first or not second or not math.isfinite(value):
            what, remedy = f"'{line.strip()[:60]}' is not a pair", "write `word word score` with a number as score"
            raise DataError(what, where=f"{file}:{number}", remedy=remedy)
        count += 1
        yield Pair(name, first, second, value)
    if not count:
        raise DataError("the file has no pairs", where=str(file), remedy="add lines `word word score`")


def _agreement(scores: Float64s, similarity: Array, correlation: Correlation = metrics.spearman) -> float:
    """The correlation in percent, NaN if there are fewer than two different annotator scores."""
    return correlation(scores, similarity) if len(np.unique(scores)) > 1 else math.nan


def _pearson(scores: Float64s, similarity: Array) -> float:
    """Pearson's correlation in percent, 0 if all similarities are equal, as for Spearman's."""
    same = len(np.unique(similarity)) < 2
    return 0.0 if same else 100.0 * float(np.corrcoef(scores, similarity.astype(np.float64))[0, 1])


def _is_number(text: str) -> bool:
    """Whether a text is a number, finite or not."""
    if "_" in text:  # which Python allows between digits
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True
