"""Rows as counts of n-grams of words, and of characters within words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from core.data.corpus import Corpus
from core.types import Arrays, Int32s, Int64s
from plugins.models.linear.ngrams import NgramTable

ROWS = 1 << 16  # rows that are counted at a time, which bounds the memory
EDGE = " "  # before and after each word


@dataclass(frozen=True)
class Lengths:
    """Which n-grams are features; a longest length of 0 leaves them out."""

    words: int  # of the longest n-gram of words; the shortest is a word
    shortest: int  # n-gram of characters
    longest: int
    min_count: int  # how often each occurs in training


class Features:
    """The features of training: n-grams of words first, then those of characters, shorter ones first.

    Args:
        lengths: which n-grams are features.
        words: the words that occur often enough, by number.
        alphabet: the characters of training, sorted.
        word_table: n-grams of words.
        char_table: n-grams of characters; a word has ``EDGE`` before and after it.
    """

    def __init__(
        self, lengths: Lengths, words: Sequence[str], alphabet: str, word_table: NgramTable, char_table: NgramTable
    ) -> None:
        self.lengths, self.words, self.alphabet = lengths, words, alphabet
        self.word_table, self.char_table = word_table, char_table
        self.numbers = {word: number for number, word in enumerate(words)}
        self.codes = np.frombuffer(alphabet.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)

    @classmethod
    def fit(cls, corpus: Corpus, lengths: Lengths) -> Features:
        """Choose the features of the training split."""
        types, symbols, rows = _types(corpus)
        counts = np.bincount(symbols, minlength=len(types))
        kept = np.flatnonzero(counts >= lengths.min_count) if lengths.words else np.zeros(0, dtype=np.int64)
        numbers = np.full(len(types), -1, dtype=np.int32)
        numbers[kept] = np.arange(len(kept))
        table = NgramTable.fit(numbers[symbols], rows, len(kept), lengths.words, lengths.min_count)
        alphabet = "".join(sorted({EDGE, *"".join(types)})) if lengths.longest else ""
        self = cls(lengths, [types[i] for i in kept.tolist()], alphabet, table, NgramTable(len(alphabet), []))
        chars, owners = self._characters(types)
        self.char_table = NgramTable.fit(
            chars, owners, len(alphabet), lengths.longest, lengths.min_count, counts[owners]
        )
        return self

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of features from words and from characters."""
        shortest = self.lengths.shortest
        chars = self.char_table.levels[shortest - 1 :]
        return sum(map(len, self.word_table.levels)), sum(map(len, chars))

    def count(self, corpus: Corpus) -> Iterator[tuple[Any, Any]]:
        """How often rows have features, in blocks of rows: sparse float32 (B, F), of words and of characters."""
        types, symbols, rows = _types(corpus)
        numbers = np.fromiter((self.numbers.get(word, -1) for word in types), dtype=np.int32, count=len(types))
        starts = np.searchsorted(rows, np.arange(0, max(1, len(corpus)) + ROWS, ROWS))
        spelled = _matrix(self.char_table, *self._characters(types), len(types), self.lengths.shortest)
        for block, start in enumerate(starts[:-1].tolist()):
            part, height = slice(start, starts[block + 1]), min(ROWS, len(corpus) - block * ROWS)
            own = rows[part] - block * ROWS
            words = _matrix(self.word_table, numbers[symbols[part]], own, height, 1)
            yield words, _incidence(own, symbols[part], (height, len(types))) @ spelled

    def _characters(self, types: Sequence[str]) -> tuple[Int32s, Int32s]:
        """The characters of words as numbers, -1 for one that training lacks, and whose they are: (N,), (N,)."""
        if not self.alphabet:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        text = "".join(f"{EDGE}{word}{EDGE}" for word in types)
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        found = np.searchsorted(self.codes, codes).clip(max=len(self.codes) - 1)
        lengths = np.fromiter(map(len, types), dtype=np.int64, count=len(types)) + 2
        owners = np.repeat(np.arange(len(types), dtype=np.int32), lengths)
        return np.where(self.codes[found] == codes, found, -1).astype(np.int32), owners

    def about(self) -> dict[str, Any]:
        """Words and characters as JSON data."""
        return {"words": list(self.words), "alphabet": self.alphabet}

    def arrays(self) -> Arrays:
        """The n-grams as arrays."""
        tables = {"words": self.word_table, "characters": self.char_table}
        return {
            f"{part}.{name}": array for part, table in tables.items() for name, array in table.arrays().items()
        }

    @classmethod
    def read(cls, lengths: Lengths, about: Mapping[str, Any], arrays: Arrays) -> Features:
        """Check and load what ``about`` and ``arrays`` returned.

        Raises:
            ValueError, KeyError, TypeError: it is something else.
        """
        words, alphabet = about["words"], about["alphabet"]
        if not all(isinstance(word, str) for word in words) or len(set(words)) != len(words):
            raise ValueError("these are not the words of a model")
        if not isinstance(alphabet, str) or "".join(sorted(set(alphabet))) != alphabet:
            raise ValueError("the characters are not sorted")
        own = {
            part: {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith(part)}
            for part in ("words", "characters")
        }
        table = NgramTable.read(len(words), own["words"], lengths.words)
        chars = NgramTable.read(len(alphabet), own["characters"], lengths.longest)
        return cls(lengths, words, alphabet, table, chars)


def stacked(blocks: Iterable[tuple[Any, Any]]) -> list[Any]:
    """The blocks of ``Features.count`` as one matrix of words and one of characters."""
    return [sparse.vstack(parts, format="csr", dtype=np.float32) for parts in zip(*blocks, strict=True)]


def _types(corpus: Corpus) -> tuple[list[str], Int32s, Int32s]:
    """The distinct words of a corpus, and of each token (N,) the number of its word and its row."""
    inner = corpus.tokens.inner
    used, symbols = np.unique(corpus.tokens.values[inner], return_inverse=True)
    rows = np.repeat(np.arange(len(corpus), dtype=np.int32), corpus.tokens.lengths - 1)
    return corpus.spell(used), symbols.astype(np.int32), rows


def _matrix(table: NgramTable, symbols: Int32s, rows: Int32s, height: int, shortest: int) -> Any:
    """How often each row has each n-gram of at least ``shortest`` symbols: sparse (height, n-grams)."""
    columns, owners, width = [], [], 0
    for length, (places, numbers) in enumerate(table.find(symbols, rows), start=1):
        if length >= shortest:
            columns.append(numbers + width)
            owners.append(rows[places])
            width += len(table.levels[length - 1])
    if not columns:
        return sparse.csr_matrix((height, 0), dtype=np.float32)
    return _incidence(np.concatenate(owners), np.concatenate(columns), (height, width))


def _incidence(rows: Int32s, columns: Int64s | Int32s, shape: tuple[int, int]) -> Any:
    """How often each pair of row and column occurs, as a sparse matrix."""
    return sparse.coo_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape).tocsr()
