"""Tables with a header line: TSV (no quoting) and CSV (standard quoting)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_numpy
from core.data.sources.blocks import Block
from core.data.sources.cells import TAB, Cells, cut_cells
from core.data.sources.column_guessing import LABEL, TEXT, find_column, listed
from core.data.sources.quotes import cut_csv, unquoted
from core.errors import DataError
from core.types import Int64s


def read(
    blocks: Iterator[Block],
    *,
    csv: bool,
    text: str | None,
    label: str | None,
    seen: Counter[str],
    labelled: bool = True,
) -> Iterator[pa.RecordBatch]:
    """The rows below the header; lines that hold nothing are left out.

    Args:
        blocks: whole records.
        csv: commas and quotes instead of tabs.
        text: the column of the text; None: the usual names, or the other one of two.
        label: the column of the label; None: the usual names, or the other one of two, or none.
        seen: ``blank`` counts the lines left out.
        labelled: whether the rows are for training; else no label is read, and a single column has to have one of
            the usual names too, so that a file without a header does not lose its first line.

    Returns:
        Batches with ``text`` and, where there is one, ``label``.
    """
    names: list[str] = []
    columns: dict[str, int] = {}
    for block in blocks:
        cells = cut_csv(block) if csv else cut_cells(block, TAB)
        lines = np.flatnonzero(~cells.blank)
        seen["blank"] += len(cells.lines) - len(lines)
        if not names and len(lines):
            width = int(cells.widths[lines[0]])
            names = [_column(cells, lines[:1], k, csv)[0].as_py() for k in range(width)]
            columns = _choose(names, text, label, str(block.path), labelled)
            lines = lines[1:]
        if not names:
            continue
        _check(cells, lines, names)
        found = {key: _column(cells, lines, k, csv) for key, k in columns.items()}
        if "label" in found:
            _check_labels(found["label"], cells, lines)
        yield pa.RecordBatch.from_pydict(found)


def _column(cells: Cells, lines: Int64s, k: int, csv: bool) -> pa.StringArray:
    """Cell ``k`` of some lines."""
    return unquoted(cells, lines, k) if csv else cells.column(lines, k)


def _choose(names: list[str], text: str | None, label: str | None, where: str, labelled: bool) -> dict[str, int]:
    """Which column is ``text`` and, where it is wanted, which is ``label``."""
    label_name = find_column(names, label, LABEL, "data.label", where, taken=text)
    text_name = find_column(names, text, TEXT, "data.text", where, taken=label_name)
    if len(names) == 2 and text_name is None and label_name is not None:
        text_name = names[1 - names.index(label_name)]
    if len(names) == 2 and label_name is None and text_name is not None:
        label_name = names[1 - names.index(text_name)]
    if text_name is None and len(names) == 1 and labelled:
        text_name = names[0]
    if text_name is None:
        remedy = f"name it with data.text=, one of {listed(names)}"
        raise DataError("which column is the text is not clear from the header", where=where, remedy=remedy)
    found = {"text": names.index(text_name)}
    return found if label_name is None or not labelled else {**found, "label": names.index(label_name)}


def _check_labels(labels: pa.StringArray, cells: Cells, lines: Int64s) -> None:
    """Raise where a row has no label."""
    empty = np.flatnonzero(to_numpy(pc.binary_length(labels)) == 0)
    if len(empty):
        where = cells.place(int(lines[empty[0]]))
        remedy = "fill it in, or remove the row; data.label= names another column"
        raise DataError(f"the label is empty, as in {len(empty):,} rows", where=where, remedy=remedy)


def _check(cells: Cells, lines: Int64s, names: list[str]) -> None:
    """Raise unless every row has as many fields as the header."""
    wrong = np.flatnonzero(cells.widths[lines] != len(names))
    if len(wrong):
        line = int(lines[wrong[0]])
        raise DataError(
            f"fields: {cells.widths[line]} where the header has {len(names)} ({listed(names)})",
            where=cells.place(line),
            remedy="mend the line, or name what the file is with data.format=text",
        )
