"""Plain tables, such as those of ``errors``, as text: Markdown, CSV, TSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from core.printable import finite, json_text
from core.types import Cell, Table
from core.view.escaping import csv_text, markdown_table, markdown_text
from core.view.run_table import metric_text

SMALL = 0.005
SEPARATORS = {"csv": ",", "tsv": "\t"}


def cell_text(cell: Cell) -> str:
    """A value as people read it: numbers with commas, two decimals where they are not whole, a dash for NaN.

    A number that two decimals would show as 0 is written as 1.2e-05.
    """
    if isinstance(cell, float) and 0 < abs(cell) < SMALL:
        return f"{cell:.1e}"
    return cell if isinstance(cell, str) else metric_text(cell)


def render(tables: Sequence[Table], form: str) -> str:
    """Tables in one of the formats ``markdown``, ``csv``, ``tsv`` and ``json``.

    Args:
        tables: CSV and TSV, which have one header, take the last of them.
        form: the format; in all but Markdown numbers have all their digits, and one that is not finite is empty.
    """
    if form == "markdown":
        return "\n\n".join(map(_markdown, tables))
    if form in SEPARATORS:
        return _delimited(tables[-1], SEPARATORS[form])
    documents = [
        {"title": title, "rows": [dict(zip(header, map(finite, row), strict=True)) for row in rows]}
        for title, header, rows in tables
    ]
    return json_text(documents, indent=1)


def _markdown(table: Table) -> str:
    right = [bool(table.rows) and not isinstance(cell, str) for cell in (table.rows or [table.header])[0]]
    text = markdown_table([table.header, *(list(map(cell_text, row)) for row in table.rows)], right)
    return f"**{markdown_text(table.title)}**\n\n{text}" if table.title else text


def _delimited(table: Table, separator: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    for row in (table.header, *table.rows):
        known = ["" if (value := finite(cell)) is None else value for cell in row]
        writer.writerow([csv_text(cell) if isinstance(cell, str) else cell for cell in known])
    return out.getvalue().rstrip("\n")
