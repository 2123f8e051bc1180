"""The quoting of CSV (RFC 4180), in bulk: which bytes are within quotes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block
from core.data.sources.cells import NEWLINE, Cells, cut_cells
from core.errors import DataError
from core.types import Bools, Int64s

QUOTE, COMMA = b'",'


def after_record(data: bytes) -> int:
    """Where the last whole record ends: at a newline outside quotes (0: nowhere)."""
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((codes == NEWLINE) & ~_inside(codes == QUOTE))
    return int(ends[-1]) + 1 if len(ends) else 0


def cut_csv(block: Block) -> Cells:
    """The cells of comma-separated values, quotes included.

    Raises:
        DataError: a quote that neither opens nor closes a field, or is never closed.
    """
    quotes = block.codes == QUOTE
    if not quotes.any():
        return cut_cells(block, COMMA)
    positions = np.flatnonzero(quotes)
    if len(positions) % 2:
        raise _error("the quote that opens here is never closed", _open(block, positions))
    cells = cut_cells(block, COMMA, _inside(quotes))
    opens, closes = positions[0::2], positions[1::2]
    doubled = opens[1:] == closes[:-1] + 1  # "" within a quoted field
    opened = _among(opens, cells.starts) | np.append(False, doubled)
    closed = _among(closes + 1, cells.ends) | np.append(doubled, False)
    wrong = np.append(opens[~opened], closes[~closed])
    if len(wrong):
        raise _error("a quote inside a field", block.place(int(wrong.min())))
    return cells


def unquoted(cells: Cells, lines: Int64s, k: int) -> pa.StringArray:
    """Cell ``k`` of some lines, without its quotes."""
    index = cells.first[lines] + k
    starts, ends = cells.starts[index], cells.ends[index]
    quoted = (cells.block.codes[starts] == QUOTE).astype(np.int64)
    return pc.replace_substring(cells.block.strings(starts + quoted, ends - quoted), '""', '"')


def _error(what: str, where: str) -> DataError:
    rule = 'in CSV a field with quotes is quoted whole and its quotes are doubled ("5"" disc")'
    remedy = f"{rule}; data.format=tsv has none"
    return DataError(what, where=where, remedy=remedy, code="data.quotes", values={"rule": rule})


def _inside(quotes: Bools) -> Bools:
    """bool (N,): bytes after an odd number of quotes."""
    return (np.cumsum(quotes, dtype=np.uint8) & 1).view(np.bool_)


def _among(values: Int64s, known: Int64s) -> Bools:
    """bool (n,): which values are in ``known``, which rises (``np.isin`` takes three times as long)."""
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[at] == values)


def _open(block: Block, positions: Int64s) -> str:
    """The place of the quote that was left open: the last that begins a field."""
    codes = block.codes
    before = np.append(NEWLINE, codes)[positions]
    starts = positions[(before == NEWLINE) | (before == COMMA)]
    return block.place(int(starts[-1] if len(starts) else positions[-1]))
