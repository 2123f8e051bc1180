"""A block cut into lines, and lines into cells, in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
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
        blank: bool (L,), lines that hold nothing.
    """

    block: Block
    starts: Int64s
    ends: Int64s
    first: Int64s
    lines: Int64s
    blank: Bools

    @cached_property
    def widths(self) -> Int64s:
        """int64 (L,): cells per line."""
        return np.diff(self.first)

    def column(self, lines: Int64s, k: int) -> pa.StringArray:
        """Cell ``k`` (from 0) of some lines, which must have it."""
        cells = self.first[lines] + k
        return self.block.strings(self.starts[cells], self.ends[cells])

    def joined(self) -> Cells:
        """The same lines, where tabs alone separate: cells with nothing but spaces between them are one."""
        codes = self.block.codes
        after_space = codes[self.ends[:-1]] == SPACE  # a tab or a line end may follow the space
        if not after_space.any():
            return self
        spaced = np.flatnonzero(after_space) + 1
        marks = np.flatnonzero((codes == TAB) | (codes == NEWLINE))
        before, at = (np.searchsorted(marks, side) for side in (self.ends[spaced - 1], self.starts[spaced]))
        alone = np.ones(len(self.starts), dtype=bool)
        alone[spaced] = at > before  # (C,)
        first = np.concatenate([[0], np.cumsum(alone)])[self.first]
        ends = self.ends[np.append(alone[1:], True)]
        return replace(self, starts=self.starts[alone], ends=ends, first=first)

    def is_cell(self, lines: Int64s, k: int, text: bytes) -> Bools:
        """Whether cell ``k`` (from 0) of each line is there and is this text: bool (n,)."""
        wide = self.widths[lines] > k
        cells = np.where(wide, self.first[lines] + k, 0)
        found: Bools = wide & (self.ends[cells] - self.starts[cells] == len(text)) if len(self.starts) else wide
        for i in np.flatnonzero(found):
            found[i] = self.block.data.startswith(text, int(self.starts[cells[i]]))
        return found

    def without(self, marks: Int64s) -> Cells:
        """The same cells, where some lines count as blank."""
        blank = self.blank.copy()
        blank[marks] = True
        return replace(self, blank=blank)

    def place(self, line: int) -> str:
        """``file:line`` of a line of this block."""
        return self.block.place(int(self.lines[line]))

    def rows(self, words: Int64s) -> Int64s:
        """int64 (R + 1,): where each row begins in ``words`` (n,), the lines of tokens; blank lines end rows."""
        begins = np.flatnonzero(np.diff(np.cumsum(self.blank)[words], prepend=-1))
        return np.append(begins, len(words))

    def sentences(self, words: Int64s, columns: Mapping[str, int]) -> pa.RecordBatch:
        """Columns (name -> number of the cell, from 0) of the lines ``words`` (n,) as lists, one list per row."""
        offsets = to_arrow(self.rows(words).astype(np.int32))
        lists = {name: pa.ListArray.from_arrays(offsets, self.column(words, k)) for name, k in columns.items()}
        return pa.RecordBatch.from_pydict(lists)


def cut_cells(block: Block, separator: int = NEWLINE, inside: Bools | None = None) -> Cells:
    """Cells between single separators; by default, a line is one cell.

    Args:
        block: the bytes.
        separator: the byte between cells.
        inside: bool (N,), bytes within quotes, where nothing separates.
    """
    codes = block.codes
    cut = codes == NEWLINE
    cut |= codes == separator
    if inside is not None:
        cut &= ~inside
    ends = np.flatnonzero(cut)
    last = np.flatnonzero(codes[ends] == NEWLINE)  # the last cell of each line
    first = np.concatenate([[0], last + 1])
    starts = np.concatenate([[0], ends[:-1] + 1])
    lines = starts[first[:-1]]
    crlf = last[(ends[last] > starts[last]) & (codes[np.maximum(ends[last] - 1, 0)] == RETURN)]
    ends[crlf] -= 1
    return Cells(block, starts, ends, first, lines, ends[last] == lines)


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
    return Cells(block, starts, ends, first, lines, np.diff(first) == 0)
