"""Looking grams up in a large trie: the sorted queries walk through the words once, compiled by numba."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

BITS = 63
BLOCK = 1 << 18  # queries sorted at a time


def search(
    contexts: npt.NDArray[Any],
    sought: npt.NDArray[Any],
    children: npt.NDArray[Any],
    words: npt.NDArray[Any],
    size: int,
) -> npt.NDArray[np.int64]:
    """The places of grams, int64 (M,); -1 for those that are not there.

    Args:
        contexts: int (M,), the context of each, or -1.
        sought: int (M,), the last symbol of each.
        children: int32 (G + 1,), where the grams that begin with each context are.
        words: int32, the last symbol of each of those grams, ascending for each context.
        size: the number of symbols.
    """
    places = np.full(len(contexts), -1, dtype=np.int64)
    word_bits = size.bit_length()
    place_bits = min(BITS - word_bits - len(children).bit_length(), BLOCK.bit_length() - 1)
    for i in range(0, len(contexts), 1 << place_bits):
        block = contexts[i : i + (1 << place_bits)]
        asked = np.flatnonzero(block >= 0)
        queries = block[asked].astype(np.int64)
        queries <<= word_bits
        queries |= sought[i : i + (1 << place_bits)][asked]
        queries <<= place_bits
        queries |= asked
        queries.sort()
        _search(queries, word_bits, place_bits, children, words, places[i:])
    return places


@numba.njit(cache=True, nogil=True)
def _search(queries: Any, word_bits: int, place_bits: int, children: Any, words: Any, places: Any) -> None:
    """Sorted queries: within a context the search goes on from where the last one ended, in doubling steps."""
    last, low, end = -1, 0, 0
    for query in queries:
        word = (query >> place_bits) & ((1 << word_bits) - 1)
        context = query >> (place_bits + word_bits)
        if context != last:
            last, low, end = context, children[context], children[context + 1]
        high, step = low, 1
        while high < end and words[high] < word:
            low = high + 1
            high += step
            step *= 2
        high = min(high, end)
        while low < high:
            middle = (low + high) >> 1
            if words[middle] < word:
                low = middle + 1
            else:
                high = middle
        if low < end and words[low] == word:
            places[query & ((1 << place_bits) - 1)] = low
