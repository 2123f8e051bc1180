"""A block cut into lines, and lines into cells, in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.data.arrow_numpy import to_arrow
from core.data.sources.blocks import Block
from core.types import Bools, Int64s

TAB, NEWLINE, RETURN, SPACE = b"\t\n\r "


@dataclass(frozen=True, eq=False)
class Cells:
    """A block cut into lines (records), and the lines into cells.

    Args:
        block: the bytes.
        starts: int64 (C,), the first byte of each cell.
        ends: int64 (C,), one past its last byte.
        first: int64 (L + 1,), line ``i`` has the cells ``first[i]:first[i + 1]``.
        lines: int64 (L,), the first byte of each line.
    """

    block: Block
    starts: Int64s
    ends: Int64s
    first: Int64s
    lines: Int64s

    @cached_property
    def widths(self) -> Int64s:
        """int64 (L,): cells per line."""
        return np.diff(self.first)

    @cached_property
    def blank(self) -> Bools:
        """bool (L,): lines that hold nothing."""
        nothing: Bools = self.widths == 0
        single = np.flatnonzero(self.widths == 1)
        nothing[single] = self.ends[self.first[single]] == self.starts[self.first[single]]
        return nothing

    def column(self, lines: Int64s, k: int) -> pa.StringArray:
        """Cell ``k`` (from 0) of some lines, which must have it."""
        cells = self.first[lines] + k
        return self.block.strings(self.starts[cells], self.ends[cells])

    def place(self, line: int) -> str:
        """``file:line`` of a line of this block."""
        return self.block.place(int(self.lines[line]))


def cut_cells(block: Block, separator: int | None, inside: Bools | None = None) -> Cells:
    """Cells between single separators; without a separator a line is one cell.

    Args:
        block: the bytes.
        separator: the byte between cells.
        inside: bool (N,), bytes within quotes, where nothing separates.
    """
    codes = block.codes
    cut = codes == NEWLINE
    if separator is not None:
        cut |= codes == separator
    if inside is not None:
        cut &= ~inside
    cuts = np.flatnonzero(cut)
    last = np.flatnonzero(codes[cuts] == NEWLINE)  # the last cell of each line
    first = np.concatenate([[0], last + 1])
    starts = np.concatenate([[0], cuts[:-1] + 1])
    return Cells(block, starts, _before_return(codes, starts, cuts, last), first, starts[first[:-1]])


def cut_words(block: Block) -> Cells:
    """Cells between runs of ASCII spaces and tabs."""
    codes = block.codes
    newline = codes == NEWLINE
    gap = newline | (codes == SPACE) | (codes == TAB)
    breaks = np.flatnonzero(newline)
    gap[breaks[codes[np.maximum(breaks - 1, 0)] == RETURN] - 1] = True
    edges = np.flatnonzero(np.diff(gap, prepend=True, append=True))
    starts, ends = edges[0::2], edges[1::2]
    lines = np.concatenate([[0], breaks[:-1] + 1])
    first = np.concatenate([np.searchsorted(starts, lines), [len(starts)]])
    return Cells(block, starts, ends, first, lines)


def _before_return(codes: npt.NDArray[np.uint8], starts: Int64s, ends: Int64s, last: Int64s) -> Int64s:
    """The ends of cells without the carriage return of CRLF."""
    ended = last[(ends[last] > starts[last]) & (codes[np.maximum(ends[last] - 1, 0)] == RETURN)]
    ends[ended] -= 1
    return ends


def rows_of(words: Int64s, blank: Bools) -> pa.Array:
    """Where each row begins, if a blank line ends a row.

    Args:
        words: int64 (n,), the lines that hold a token.
        blank: bool (L,), the lines that end a row.

    Returns:
        int32 (R + 1,) offsets into ``words``; rows without tokens are left out.
    """
    group = np.cumsum(blank)[words]
    begins = np.flatnonzero(np.diff(group, prepend=-1)) if len(words) else np.zeros(0, dtype=np.int64)
    return to_arrow(np.append(begins, len(words)).astype(np.int32))
