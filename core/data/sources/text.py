"""Plain text: a row a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block
from core.data.sources.cells import NEWLINE, cut_cells


def read(blocks: Iterator[Block], *, keep_blank: bool, seen: Counter[str]) -> Iterator[pa.RecordBatch]:
    """The lines of a text; spaces at their ends stay.

    Args:
        blocks: whole lines.
        keep_blank: whether a line without a word is a row.
        seen: ``blank`` counts such lines.

    Returns:
        Batches with ``text``.
    """
    for block in blocks:
        text = _lines(block)
        # a Python value among the arguments would make Arrow import pandas, where it is installed
        words = pc.cast(pc.binary_length(pc.ascii_trim_whitespace(text)), pa.bool_())
        seen["blank"] += len(text) - (pc.sum(words).as_py() or 0)
        yield pa.RecordBatch.from_pydict({"text": text if keep_blank else text.filter(words)})


def _lines(block: Block) -> pa.StringArray:
    """Each line; where none ends in CRLF, the bytes between line ends stay as they are."""
    if b"\r" in block.data:
        cells = cut_cells(block, None)
        return cells.column(np.arange(len(cells.lines)), 0)
    ends = np.flatnonzero(block.codes == NEWLINE)
    offsets = np.concatenate([[0], ends - np.arange(len(ends))]).astype(np.int32)
    values = block.data.replace(b"\n", b"")
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(values))
