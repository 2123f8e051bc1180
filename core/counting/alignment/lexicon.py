"""The table t(produced | given) of the IBM models, over the pairs of words that occur in one pair of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from core.counting.alignment.bitext import Bitext
from core.data.vocab import END
from core.types import Float64s, Int32s, Int64s

NULL = END  # the empty word that every row of the given language has; no word has the id of END


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Sparse rows: the words that each given word may produce, in ascending order, and their probabilities.

    Args:
        starts: int64 (G + 1,), the words of given word ``g`` are at ``starts[g]:starts[g + 1]``.
        words: int32 (P,), produced words.
        probs: float64 (P,), t(produced | given); each row sums to 1.
    """

    starts: Int64s
    words: Int32s
    probs: Float64s

    def find(self, given: Int64s, produced: Int64s) -> Float64s:
        """t(produced | given) of some pairs, float64 (n,); 0 for pairs that never occur together."""
        return np.asarray(_find(given, produced, self.starts, self.words, self.probs))

    def best(self) -> tuple[Int32s, Float64s]:
        """The most probable word of each given word, int32 (G,), and its probability; NULL where it has none."""
        words, probs = _best(self.starts, self.words, self.probs)
        return np.asarray(words), np.asarray(probs)


def cooccurring(bitext: Bitext) -> Lexicon:
    """Every pair of words in one pair of rows, all equally probable: where EM begins (Brown et al., 1993).

    The memory is that of the pairs, never the product of the two vocabularies.
    """
    given = bitext.given
    order = np.argsort(given.values[given.inner], kind="stable")
    rows = np.repeat(np.arange(len(given)), given.lengths - 1)[order]
    counts = np.bincount(given.values[given.inner], minlength=bitext.sizes[0])
    counts[NULL] = 0
    bounds = np.concatenate([[0], np.cumsum(counts)])  # the rows that have each given word
    parts = (bounds, rows, *bitext.arrays()[2:])
    marks = np.full(bitext.sizes[1], -1, dtype=np.int64)
    starts = _collect(*parts, marks, np.empty(0, np.int32), np.empty(0, np.int64))
    words = np.empty(starts[-1], dtype=np.int32)
    marks.fill(-1)
    _collect(*parts, marks, words, starts)
    return Lexicon(starts, words, np.full(len(words), 1 / max(1, starts[1])))  # NULL has them all


@numba.njit(cache=True)
def _collect(bounds: Any, rows: Any, values: Any, offsets: Any, marks: Any, words: Any, starts: Any) -> Any:
    """Where the produced words of each given word begin; writes them, sorted, if ``starts`` is known."""
    found = np.zeros(len(bounds), dtype=np.int64)
    for given in range(len(bounds) - 1):
        at = found[given]
        places = range(len(offsets) - 1) if given == 0 else range(bounds[given], bounds[given + 1])
        for place in places:
            row = place if given == 0 else rows[place]
            for j in range(offsets[row], offsets[row + 1] - 1):
                if marks[values[j]] != given:
                    marks[values[j]] = given
                    if len(starts):
                        words[at] = values[j]
                    at += 1
        if len(starts):
            words[found[given] : at].sort()
        found[given + 1] = at
    return found


@numba.njit(cache=True)
def place_of(given: Any, word: Any, starts: Any, words: Any) -> Any:
    """The place of a pair in a lexicon, or -1."""
    low, size = starts[given], starts[given + 1] - starts[given]
    if size == 0:
        return -1
    while size > 1:
        half = size >> 1
        low += half * np.int64(words[low + half] <= word)
        size -= half
    return low if words[low] == word else -1


@numba.njit(cache=True)
def _find(given: Any, produced: Any, starts: Any, words: Any, probs: Any) -> Any:
    result = np.zeros(len(given))
    for n in range(len(given)):
        place = place_of(given[n], produced[n], starts, words)
        if place >= 0:
            result[n] = probs[place]
    return result


@numba.njit(cache=True)
def _best(starts: Any, words: Any, probs: Any) -> Any:
    found, best = np.zeros(len(starts) - 1, dtype=np.int32), np.zeros(len(starts) - 1)
    for given in range(len(starts) - 1):
        for place in range(starts[given], starts[given + 1]):
            if probs[place] > best[given]:
                found[given], best[given] = words[place], probs[place]
    return found, best


@numba.njit(cache=True)
def normalise(starts: Any, counts: Any, smoothing: float, probs: Any) -> None:
    """Turn expected counts into probabilities (the M step); ``smoothing`` is added to each count.

    A given word without counts keeps its probabilities.
    """
    for given in range(len(starts) - 1):
        first, last = starts[given], starts[given + 1]
        total = smoothing * (last - first)
        for place in range(first, last):
            total += counts[place]
        if total > 0:
            for place in range(first, last):
                probs[place] = (counts[place] + smoothing) / total
