"""Counting a corpus that is larger than memory: each part is counted alone, then the sorted counts are merged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from core.data.corpus import Ragged
from core.errors import DataError
from core.types import Int32s
from plugins.encoders.ngram.counting.counts import BITS, Grams, Map, count
from plugins.encoders.ngram.counting.storage import Memory

BLOCK = 1 << 20  # grams merged at a time
MAX_GRAMS = np.iinfo(np.int32).max


def count_in_runs(
    rows: Ragged, size: int, order: int, tokens: int, storage: Memory, run: Map = map
) -> list[Grams]:
    """The same as ``count``, with only a part of the corpus in memory.

    Args:
        rows: the corpus.
        size: the number of ids.
        order: symbols in the longest gram.
        tokens: about how many tokens are counted at a time; rows are never split.
        storage: where the counts of each part are stored.
        run: ``map``, or the ``map`` of a thread pool.
    """
    runs = []
    for first, stop in _parts(rows, tokens):
        found = count(rows.values[rows.offsets[first] : rows.offsets[stop]], size, order, run)
        fields = [(grams.words, grams.children, grams.counts, grams.suffixes) for grams in found]
        runs.append([Grams(*map(storage.store, arrays)) for arrays in fields])
    return merge(runs, size, storage)


def _parts(rows: Ragged, tokens: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows with at most ``tokens`` tokens and at least one row; one empty range if there are no rows."""
    first = 0
    while first < len(rows) or first == 0:
        most = rows.offsets[first] + tokens
        stop = min(max(int(np.searchsorted(rows.offsets, most, side="right")) - 1, first + 1), len(rows))
        yield first, stop
        first = stop or 1


def merge(runs: Sequence[Sequence[Grams]], size: int, storage: Memory) -> list[Grams]:
    """The grams of all runs together.

    Args:
        runs: the grams of each part of a corpus, order 1 first.
        size: the number of ids.
        storage: where the result is stored.

    Raises:
        DataError: an order has more grams than int32 indices.
    """
    unigrams = runs[0][0]
    total: Int32s = np.sum([grams[0].counts for grams in runs], axis=0, dtype=np.int32)
    found = [Grams(unigrams.words, unigrams.children, total, unigrams.suffixes)]
    places = [np.arange(size, dtype=np.int32) for _ in runs]  # merged index of each run's grams
    for k in range(2, len(runs[0]) + 1):
        order = _Merge([grams[k - 1] for grams in runs], places, len(found[-1]), size, storage)
        found.append(order.grams())
        places = order.places
    return found


class _Merge:
    """Merges one order of several runs.

    Args:
        runs: the grams of this order, per run.
        contexts: int32 (H,) per run, the merged index of each of its grams of the order below.
        below: the number of merged grams of the order below.
        size: the number of ids.
        storage: where the result is stored.
    """

    def __init__(
        self, runs: Sequence[Grams], contexts: Sequence[Int32s], below: int, size: int, storage: Memory
    ) -> None:
        self.runs, self.contexts, self.below, self.word_bits = runs, contexts, below, size.bit_length()
        most = sum(len(run) for run in runs)
        self.words, self.counts, self.suffixes = (storage.empty(most, np.int32) for _ in range(3))
        self.children = storage.empty(below + 1, np.int32)
        self.places = [storage.empty(len(run), np.int32) for run in runs]

    def grams(self) -> Grams:
        """The merged grams."""
        first, at = 0, 0
        self.children[0] = 0
        while first < self.below:
            stop = self._stop(first)
            at += self._block(first, stop, at)
            if at > MAX_GRAMS:
                what = f"there are more than {MAX_GRAMS:,} grams of one order"
                raise DataError(what, where="encoder.order", remedy="choose a lower order")
            first = stop
        return Grams(self.words[:at], self.children, self.counts[:at], self.suffixes[:at])

    def _spans(self, context: int) -> list[int]:
        """The first context of each run that is not before this one."""
        return [int(np.searchsorted(known, np.int32(context))) for known in self.contexts]

    def _stop(self, first: int) -> int:
        """The end of the block that starts at a context: about ``BLOCK`` grams."""
        begin = self._spans(first)

        def grams(stop: int) -> int:
            ends = self._spans(stop)
            return sum(
                int(r.children[e]) - int(r.children[b]) for r, b, e in zip(self.runs, begin, ends, strict=True)
            )

        last = min(self.below, first + (1 << (BITS - self.word_bits - BLOCK.bit_length() - 4)))
        return max(first + 1, first + bisect_right(range(first + 1, last + 1), BLOCK, key=grams))

    def _block(self, first: int, stop: int, at: int) -> int:
        """Merge what follows contexts ``first`` to ``stop``; returns the number of grams."""
        keys, counts, suffixes, parts = [], [], [], []
        for run, contexts, begin, end in zip(
            self.runs, self.contexts, self._spans(first), self._spans(stop), strict=True
        ):
            some = slice(int(run.children[begin]), int(run.children[end]))
            owner = np.repeat(contexts[begin:end].astype(np.int64) - first, np.diff(run.children[begin : end + 1]))
            keys.append(owner << self.word_bits | run.words[some])
            counts.append(run.counts[some])
            suffixes.append(contexts[run.suffixes[some]])
            parts.append(some)
        key = np.concatenate(keys)
        bits = len(key).bit_length()
        key = np.sort(key << bits | np.arange(len(key)))
        of, key = key & ((1 << bits) - 1), key >> bits
        new = np.ones(len(key), dtype=bool)
        new[1:] = key[1:] != key[:-1]
        starts = np.flatnonzero(new)
        out = slice(at, at + len(starts))
        self.words[out] = key[starts] & ((1 << self.word_bits) - 1)
        self.suffixes[out] = np.concatenate(suffixes)[of[starts]]
        if len(starts):
            self.counts[out] = np.add.reduceat(np.concatenate(counts)[of], starts)
        sizes = np.bincount(key[starts] >> self.word_bits, minlength=stop - first)
        self.children[first + 1 : stop + 1] = at + np.cumsum(sizes)
        place = np.empty(len(key), dtype=np.int32)
        place[of] = np.cumsum(new) - 1 + at
        for places, some, own in zip(
            self.places, parts, np.split(place, np.cumsum([len(k) for k in keys])[:-1]), strict=True
        ):
            places[some] = own
        return len(starts)
