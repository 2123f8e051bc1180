"""Phrase pairs that agree with a word alignment (Och and Ney, 2004; Koehn, 2010, section 5.2)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.symmetry import grow_diag_final_and
from core.types import Array, Int32s

LONGEST = 7  # words of a phrase: its links fit one integer
START, LENGTH, GIVEN_START, GIVEN_LENGTH, LINKS = range(5)  # the columns of ``extract``


def extract(bitext: Bitext, of_produced: Int32s, of_given: Int32s, longest: int) -> Array:
    """Every phrase pair of every row.

    Two phrases are a pair if no word of one is linked to a word outside the other, and one link is inside.

    Args:
        bitext: the rows.
        of_produced: int32, the given word of each produced word without ENDs, as ``ibm2.best_links``.
        of_given: the same of the other direction.
        longest: words of a phrase on either side.

    Returns:
        int64 (N, 5): where the produced phrase starts in the values of its rows, its length, both of the given
        phrase, and the links, bit ``LONGEST * j + i`` being that of the produced word j and the given word i.
    """
    _, given_at, _, produced_at = bitext.arrays()
    offsets = produced_at, given_at
    size = _extract(*offsets, of_produced, of_given, longest, np.empty((0, 5), np.int64))
    pairs = np.empty((size, 5), dtype=np.int64)
    _extract(*offsets, of_produced, of_given, longest, pairs)
    return pairs


@numba.njit(cache=True)
def _extract(produced_at: Any, given_at: Any, of_produced: Any, of_given: Any, longest: int, pairs: Any) -> int:
    """The number of phrase pairs; they are written if there is room for them."""
    count = 0
    for row in range(len(produced_at) - 1):
        first, given_first = produced_at[row], given_at[row]
        links = grow_diag_final_and(
            of_produced[first - row : produced_at[row + 1] - row - 1],
            of_given[given_first - row : given_at[row + 1] - row - 1],
        )
        count = _extract_row(links, first, given_first, longest, pairs, count)
    return count


@numba.njit(cache=True)
def _extract_row(links: Any, first: int, given_first: int, longest: int, pairs: Any, count: int) -> int:
    produced, given = links.shape
    linked = np.zeros(produced, dtype=np.bool_)
    for j in range(produced):
        linked[j] = links[j].any()
    for start in range(given):
        low, high = produced, -1  # the produced words that are linked to the given phrase
        for end in range(start + 1, min(given, start + longest) + 1):
            for j in range(produced):
                if links[j, end - 1]:
                    low, high = min(low, j), max(high, j)
            if high < 0:
                continue
            if high - low >= longest:
                break
            if links[low : high + 1, :start].any() or links[low : high + 1, end:].any():
                continue
            left = low
            while left >= 0 and (left == low or not linked[left]):
                right = high
                while right < produced and right - left < longest and (right == high or not linked[right]):
                    if len(pairs):
                        pairs[count, 0], pairs[count, 1] = first + left, right + 1 - left
                        pairs[count, 2], pairs[count, 3] = given_first + start, end - start
                        pairs[count, 4] = _bits(links[left : right + 1, start:end])
                    count += 1
                    right += 1
                left -= 1
    return count


@numba.njit(cache=True)
def _bits(links: Any) -> Any:
    bits = np.int64(0)
    for j in range(links.shape[0]):
        for i in range(links.shape[1]):
            if links[j, i]:
                bits |= np.int64(1) << np.int64(LONGEST * j + i)
    return bits
