"""Phrases as numbers: a trie of sorted keys, one level per length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from core.data.corpus import Ragged
from core.data.vocab import END
from core.types import Int64s


@dataclass(frozen=True, eq=False)
class Grams:
    """The phrases of some rows up to a length. Those of length n follow those of length n - 1.

    Args:
        size: the number of word ids.
        keys: int64 (G,), ``prefix * size + word``, ascending within a length; the prefix of one word is 0.
        bounds: int64 (L + 1,), where the phrases of each length begin.
    """

    size: int
    keys: Int64s
    bounds: Int64s

    @classmethod
    def of(cls, rows: Ragged, size: int, longest: int) -> tuple[Grams, list[Int64s]]:
        """The phrases of rows, and the number of the phrase of each length at each place, -1 where none is."""
        values = rows.values.astype(np.int64)
        keys, bounds, numbers = list[Int64s](), [0], list[Int64s]()
        prefixes = np.zeros(len(values), dtype=np.int64)
        for length in range(1, longest + 1):
            last = np.full(len(values), END, dtype=np.int64)
            last[: len(values) - length + 1] = values[length - 1 :]
            places = np.flatnonzero((last != END) & (prefixes >= 0))
            found, numbers_of = np.unique(prefixes[places] * size + last[places], return_inverse=True)
            prefixes = np.full(len(values), -1, dtype=np.int64)
            prefixes[places] = bounds[-1] + numbers_of
            keys.append(found)
            bounds.append(bounds[-1] + len(found))
            numbers.append(prefixes)
        return cls(size, np.concatenate(keys), np.array(bounds, dtype=np.int64)), numbers


@numba.njit(cache=True)
def longer(prefix: Any, word: Any, length: Any, size: Any, keys: Any, bounds: Any) -> Any:
    """The number of the phrase of ``length`` words that a word makes of a prefix, or -1."""
    key = np.int64(prefix) * size + word
    low, high = bounds[length - 1], bounds[length]
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < bounds[length] and keys[low] == key else -1
