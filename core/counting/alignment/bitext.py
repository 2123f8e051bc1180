"""Pairs of rows that translate each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.corpus import Ragged
from core.types import Array, Int32s, Int64s


@dataclass(frozen=True, eq=False)
class Bitext:
    """Rows of two languages; row r of one translates row r of the other.

    The models of alignment say how a row of ``produced`` comes from its row of ``given``: P(produced | given).

    Args:
        given: closed ids, each row ending in END.
        produced: the same.
        sizes: the numbers of ids of the two.
    """

    given: Ragged
    produced: Ragged
    sizes: tuple[int, int]

    def __post_init__(self) -> None:
        if len(self.given) != len(self.produced):
            raise ValueError(f"{len(self.given)} rows and {len(self.produced)} rows translate each other")

    def __len__(self) -> int:
        return len(self.given)

    @property
    def lengths(self) -> tuple[Int64s, Int64s]:
        """The words per row, without END: int64 (R,) each."""
        return self.given.lengths - 1, self.produced.lengths - 1

    def arrays(self) -> tuple[Int32s, Int64s, Int32s, Int64s]:
        """Values and offsets of both, as compiled code takes them."""
        given, produced = self.given, self.produced
        values, offsets = (given.values, produced.values), (given.offsets, produced.offsets)
        return read_only(values[0]), read_only(offsets[0]), read_only(values[1]), read_only(offsets[1])

    @property
    def reverse(self) -> Bitext:
        """The same rows, the languages exchanged."""
        return Bitext(self.produced, self.given, (self.sizes[1], self.sizes[0]))

    def alignable(self, longest: int) -> Bitext:
        """The rows that have at least one word and at most ``longest`` on either side."""
        given, produced = self.lengths
        fits = (np.minimum(given, produced) > 0) & (np.maximum(given, produced) <= longest)
        if fits.all():
            return self
        rows = np.flatnonzero(fits)
        return Bitext(self.given.select(rows), self.produced.select(rows), self.sizes)


def read_only(array: Array) -> Array:
    """A view that cannot be written, as mapped arrays are: compiled code is then compiled for one type only."""
    view = array.view()
    view.flags.writeable = False
    return view
