"""The distributions that words are drawn from: subsampling, and the noise of negative sampling."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from core.types import Float64s, Int32s, Int64s, UInt64s
from plugins.embeddings.word2vec.settings import Subsampling

WHOLE = 2.0**32  # the scale of probabilities as integers


def keep_chances(counts: Int64s, sample: float, formula: Subsampling) -> Float64s:
    """The probability that an occurrence of a word is kept.

    Args:
        counts: int64 (V,), occurrences of each word.
        sample: the threshold t; 0 keeps everything.
        formula: ``paper``: sqrt(t / f) (Mikolov et al., 2013b, equation 5); ``word2vec``: sqrt(t / f) + t / f, as
            in word2vec.c and gensim; f is the word's share of the text.

    Returns:
        float64 (V,), at most 1.
    """
    if not sample:
        return np.ones(len(counts))
    ratio = sample * counts.sum() / counts
    chances = np.sqrt(ratio) + (ratio if formula == "word2vec" else 0)
    return np.minimum(chances, 1)


def noise_weights(counts: Int64s) -> Float64s:
    """The noise of negative sampling: proportional to f ** 0.75 (Mikolov et al., 2013b): float64 (V,)."""
    return counts.astype(np.float64) ** 0.75


def whole(chances: Float64s) -> UInt64s:
    """Probabilities as integers, in units of 2**-32."""
    return np.rint(chances * WHOLE).astype(np.uint64)


def alias_table(weights: Float64s) -> tuple[UInt64s, Int32s]:
    """The alias table of a distribution (Walker, 1977; built as in Vose, 1991).

    Args:
        weights: float64 (V,), any positive scale.

    Returns:
        For each column, uint64 (V,): how many of 2**32 draws are the number of the column; and int32 (V,): the
        number of the other draws.
    """
    accept, alias = _fill(weights / weights.sum() * len(weights))
    return whole(accept), alias


def _fill(heights: Any) -> Any:
    """Columns of mean height 1, levelled: the share of each column itself, and the column that fills its rest."""
    size = len(heights)
    accept, alias = np.ones(size), np.arange(size).astype(np.int32)
    stack = np.empty(size, dtype=np.int64)  # the low columns grow from the left, the high ones from the right
    low, high = 0, size
    for i in range(size):
        if heights[i] < 1:
            stack[low] = i
            low += 1
        else:
            high -= 1
            stack[high] = i
    while low and high < size:
        low -= 1
        short, tall = stack[low], stack[high]
        accept[short], alias[short] = heights[short], tall
        heights[tall] -= 1 - heights[short]
        if heights[tall] < 1:
            high += 1
            stack[low] = tall
            low += 1
    return accept, alias


_fill = numba.njit(cache=True)(_fill)
