"""Plain text: a row a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block
from core.data.sources.cells import cut_cells


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
        cells = cut_cells(block, None)
        text = cells.column(np.arange(len(cells.lines)), 0)
        words = pc.not_equal(pc.ascii_trim_whitespace(text), "")
        seen["blank"] += len(text) - (pc.sum(words).as_py() or 0)
        yield pa.RecordBatch.from_pydict({"text": text if keep_blank else text.filter(words)})
