"""Plain text: one row per line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block
from core.data.sources.cells import NEWLINE, cut_cells
from core.data.sources.formats import PLAIN, Format
from core.errors import ConfigError
from core.registry import registry


class Text(Format):
    """Each line as ``text``; spaces at its ends stay."""

    ending_decides = False

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The lines; ``blank_lines`` counts those without a word."""
        for block in blocks:
            self._check_columns(block)
            text = _lines(block)
            # a Python value among the arguments would make Arrow import pandas, where it is installed
            words = pc.cast(pc.binary_length(pc.ascii_trim_whitespace(text)), pa.bool_())
            self.blank_lines += len(text) - (pc.sum(words).as_py() or 0)
            yield pa.RecordBatch.from_pydict({"text": text if self.keep_blank else text.filter(words)})

    def _check_columns(self, block: Block) -> None:
        """Raise where a column is asked for."""
        for key, value in (("data.text", self.text), ("data.label", self.label)):
            if value is not None:
                others = ", ".join(name for name in registry().names("format") if name != PLAIN)
                what = f"{block.path.name} is read as plain text, which has no columns"
                raise ConfigError(what, where=key, remedy=f"name its format with data.format=, one of {others}")


def _lines(block: Block) -> pa.StringArray:
    """Each line; where none ends in CRLF, the bytes between line ends stay as they are."""
    if b"\r" in block.data:
        cells = cut_cells(block)
        return cells.column(np.arange(len(cells.lines)), 0)
    ends = np.flatnonzero(block.codes == NEWLINE)
    offsets = np.concatenate([[0], ends - np.arange(len(ends))]).astype(np.int32)
    values = block.data.replace(b"\n", b"")
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(values))
