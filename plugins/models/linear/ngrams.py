"""The n-grams of training as sorted codes, and where rows have them; whole arrays, no loop over tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.counting.checks import check_integers
from core.types import Array, Int32s, Int64s


class NgramTable:
    """The n-grams that are frequent enough in training, by length.

    An n-gram is the one without its last symbol, and that symbol: its code is ``number of the prefix * size +
    symbol``. A prefix occurs at least as often as the n-gram, so no frequent n-gram lacks its prefix.

    Args:
        size: the number of symbols.
        levels: for each length from 1 the sorted codes, int64; the number of an n-gram is its place there.
    """

    def __init__(self, size: int, levels: Sequence[Int64s]) -> None:
        self.size, self.levels = size, list(levels)

    @classmethod
    def fit(
        cls, symbols: Int32s, rows: Int32s, size: int, longest: int, min_count: int, weights: Int64s | None = None
    ) -> NgramTable:
        """Count the n-grams of training.

        Args:
            symbols: int (N,) from 0; -1 is no symbol, and in no n-gram.
            rows: int (N,), the row of each symbol, rising; n-grams do not leave their row.
            size: the number of symbols.
            longest: the length of the longest n-grams.
            min_count: how often an n-gram must occur.
            weights: int64 (N,), how often the row of each symbol occurs; None: once.
        """
        table = cls(size, [])
        places, numbers = np.arange(len(symbols)), np.zeros(len(symbols), dtype=np.int64)
        for length in range(longest):
            places, codes = table._extended(symbols, rows, places, numbers, length)
            found, inverse = np.unique(codes, return_inverse=True)
            counts = np.bincount(inverse, None if weights is None else weights[places], minlength=len(found))
            kept = counts >= min_count
            table.levels.append(found[kept])
            places, numbers = places[kept[inverse]], (np.cumsum(kept) - 1)[inverse[kept[inverse]]]
        return table

    def _extended(
        self, symbols: Int32s, rows: Int32s, places: Int64s, numbers: Int64s, length: int
    ) -> tuple[Int64s, Int64s]:
        """The n-grams at some places, one symbol longer than ``length``, as places and codes."""
        ends = places + length
        inside = ends < len(symbols)
        places, numbers, ends = places[inside], numbers[inside], ends[inside]
        whole = (rows[ends] == rows[places]) & (symbols[ends] >= 0)
        return places[whole], numbers[whole] * self.size + symbols[ends[whole]]

    def find(self, symbols: Int32s, rows: Int32s) -> Iterator[tuple[Int64s, Int64s]]:
        """For each length, the places at which known n-grams begin, and their numbers: int64 (K,), int64 (K,)."""
        places, numbers = np.arange(len(symbols)), np.zeros(len(symbols), dtype=np.int64)
        for length, codes in enumerate(self.levels):
            places, wanted = self._extended(symbols, rows, places, numbers, length)
            numbers = np.searchsorted(codes, wanted)
            known = numbers < len(codes)
            known[known] = codes[numbers[known]] == wanted[known]
            places, numbers = places[known], numbers[known]
            yield places, numbers

    def arrays(self) -> dict[str, Array]:
        """The levels by name."""
        return {str(length): codes for length, codes in enumerate(self.levels, start=1)}

    @classmethod
    def read(cls, size: int, arrays: dict[str, Array], longest: int) -> NgramTable:
        """Check and load what ``arrays`` returned; ValueError or KeyError where it is something else."""
        levels, prefixes = [], 1
        for length in range(1, longest + 1):
            codes = arrays[str(length)]
            check_integers(
                f"the n-grams of length {length}", codes, (None,), 0, max(1, prefixes * size), rising=True
            )
            levels.append(codes)
            prefixes = len(codes)
        return cls(size, levels)
