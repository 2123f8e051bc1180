"""Quoted cells of CSV (RFC 4180): what they hold separates nothing."""

from __future__ import annotations

import numpy as np

from core.data.sources.blocks import Block
from core.data.sources.cells import NEWLINE, SPACE, Cells, cut_cells
from core.errors import DataError
from core.types import Bools, Int64s

QUOTE = ord('"')


def cut_quoted(block: Block, separator: int) -> Cells:
    """A block cut into cells, quotes included; spaces between a separator and a quote do not count.

    Args:
        block: the bytes.
        separator: the byte between cells.

    Raises:
        DataError: a quote neither opens nor closes a cell.
    """
    quotes = block.codes == QUOTE
    positions = np.flatnonzero(quotes)
    if not len(positions):
        return cut_cells(block, separator)
    if len(positions) % 2:
        raise _quote_error("the quote that opens here is never closed", _open(block, positions, separator))
    cells = cut_cells(block, separator, inside_quotes(quotes))
    opens, closes = positions[0::2], positions[1::2]
    doubled = opens[1:] == closes[:-1] + 1  # "" within a quoted cell
    opened = _among(opens, cells.starts) | np.append(False, doubled)
    closed = _among(closes + 1, cells.ends) | np.append(doubled, False)
    _strip(block, cells.starts, opens, opened, -1)
    _strip(block, cells.ends, closes + 1, closed, 1)
    wrong = np.append(opens[~opened], closes[~closed])
    if len(wrong):
        raise _quote_error("a quote inside a field", block.place(int(wrong.min())))
    return cells


def _strip(block: Block, edges: Int64s, places: Int64s, good: Bools, step: int) -> None:
    """Move the edges of cells to quotes that only spaces keep from them.

    Args:
        block: the bytes.
        edges: the starts or the ends of cells, int64 (C,), changed in place.
        places: int64 (Q,), where quotes open, or one past where they close.
        good: bool (Q,), which of them are at an edge, changed in place.
        step: -1 from quotes that open to the left, 1 from those that close to the right.
    """
    left = np.flatnonzero(~good)
    at = places[left]
    next_byte = at - (step < 0)
    while len(moving := np.flatnonzero((next_byte >= 0) & (block.codes[next_byte] == SPACE))):
        at[moving] += step
        next_byte[moving] += step
    found = _among(at, edges)
    edges[np.searchsorted(edges, at[found])] = places[left[found]]
    good[left[found]] = True


def _quote_error(what: str, where: str) -> DataError:
    rule = 'in CSV a field with quotes is quoted whole and its quotes are doubled ("5"" disc")'
    remedy = f"{rule}; data.format=tsv has none"
    return DataError(what, where=where, remedy=remedy, code="data.quotes", values={"rule": rule})


def inside_quotes(quotes: Bools) -> Bools:
    """bool (N,): bytes after an odd number of quotes."""
    return (np.cumsum(quotes, dtype=np.uint8) & 1).view(np.bool_)


def _among(values: Int64s, known: Int64s) -> Bools:
    """bool (n,): which values are in ``known``, which rises (``np.isin`` takes three times as long)."""
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[at] == values)


def _open(block: Block, positions: Int64s, separator: int) -> str:
    """The place of the quote that was left open: the last that begins a field."""
    before = np.append(NEWLINE, block.codes)[positions]
    starts = positions[(before == NEWLINE) | (before == separator)]
    return block.place(int(starts[-1] if len(starts) else positions[-1]))
