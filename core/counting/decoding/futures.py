"""The cheapest way to translate what is not yet translated, without its history (Koehn, 2010, section 6.3)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True)
def future_scores(words: int, width: int, starts: Any, lengths: Any, scores: Any) -> Any:
    """The best score of each span of a row.

    Args:
        words: of the row.
        width: the longest span that is asked for; the memory is ``words * width``.
        starts: int (O,), the first word of each option of the row.
        lengths: int (O,), their words.
        scores: float (O,), their scores.

    Returns:
        float64 (words + 1, width + 1): at ``[start, n]`` that of n words from ``start``; and float64 (words + 1,),
        that of all words from a start on.
    """
    best = np.full((words + 1, width + 1), -np.inf)
    rest = np.full(words + 1, -np.inf)
    for option in range(len(starts)):
        start, length = starts[option], lengths[option]
        if length <= width:
            best[start, length] = max(best[start, length], scores[option])
    single = best.copy()  # by one phrase
    for start in range(words + 1):
        best[start, 0] = 0.0
    for length in range(2, width + 1):
        for start in range(words + 1 - length):
            for first in range(1, length):
                both = single[start, first] + best[start + first, length - first]
                best[start, length] = max(best[start, length], both)
    rest[words] = 0.0
    for start in range(words - 1, -1, -1):
        for length in range(1, min(width, words - start) + 1):
            rest[start] = max(rest[start], single[start, length] + rest[start + length])
    return best, rest


@numba.njit(cache=True)
def future_of(first: int, covered: Any, best: Any, rest: Any) -> Any:
    """The future score of what is not covered.

    Args:
        first: the first word that is not covered.
        covered: bit n: whether word ``first + n`` is covered.
        best, rest: of ``future_scores``.
    """
    total, gap, at = 0.0, 0, first
    while covered:
        if covered & 1:
            total += best[at - gap, gap]
            gap = 0
        else:
            gap += 1
        covered >>= 1
        at += 1
    return total + rest[at]
