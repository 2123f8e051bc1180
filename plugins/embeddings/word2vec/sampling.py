"""What words are drawn with: which occurrences are kept, and the noise of negative sampling."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from plugins.embeddings.word2vec.settings import Subsampling

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WHOLE = 2.0**32  # of so many draws


def keep_chances(counts: Counts, sample: float, formula: Subsampling) -> Floats:
    """The chance that an occurrence of a word is kept.

    Args:
        counts: int64 (V,), occurrences of each word.
        sample: t, the share of the text from which on a word counts as frequent; 0 keeps everything.
        formula: ``paper``: sqrt(t / f) (Mikolov et al., 2013b, equation 5); ``word2vec``: what word2vec.c and
            gensim do, sqrt(t / f) + t / f; f is the word's share of the text.

    Returns:
        float64 (V,), at most 1.
    """
    if not sample:
        return np.ones(len(counts))
    ratio = sample * counts.sum() / counts
    chances = np.sqrt(ratio) + (ratio if formula == "word2vec" else 0)
    return np.minimum(chances, 1)


def noise_weights(counts: Counts) -> Floats:
    """The noise of negative sampling: proportional to f ** 0.75 (Mikolov et al., 2013b): float64 (V,)."""
    return counts.astype(np.float64) ** 0.75


def whole(chances: Floats) -> npt.NDArray[np.uint64]:
    """Chances as parts of 2**32."""
    return np.rint(chances * WHOLE).astype(np.uint64)


def alias_table(weights: Floats) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """The alias table of a distribution (Walker, 1977; built as in Vose, 1991).

    Args:
        weights: float64 (V,), any positive scale.

    Returns:
        For each column, uint64 (V,): of 2**32 draws so many are the column's own number; and int32 (V,): the
        number that the others are.
    """
    accept, alias = _fill(weights / weights.sum() * len(weights))
    return whole(accept), alias


def _fill(heights: Any) -> Any:
    """Columns of height 1 on average, levelled: each one's own share, and who fills the rest."""
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
