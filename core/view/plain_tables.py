"""Plain tables, such as those of ``errors``, as text: Markdown, CSV, TSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence

from tabulate import tabulate

from core.types import Cell, Table
from core.view.run_table import metric_text

SEPARATORS = {"csv": ",", "tsv": "\t"}


def cell_text(cell: Cell) -> str:
    """A value as people read it: numbers with commas, two decimals where they are not whole, a dash for NaN."""
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
        {"title": title, "rows": [dict(zip(header, map(_finite, row), strict=True)) for row in rows]}
        for title, header, rows in tables
    ]
    return json.dumps(documents, indent=1, ensure_ascii=False, allow_nan=False)


def _markdown(table: Table) -> str:
    cells = [[cell_text(cell).replace("|", r"\|").replace("\n", " ") for cell in row] for row in table.rows]
    alignment = ["left" if _is_text(table, i) else "right" for i in range(len(table.header))]
    text = tabulate(cells, table.header, tablefmt="pipe", disable_numparse=True, colalign=alignment)
    return f"**{table.title}**\n\n{text}" if table.title else str(text)


def _is_text(table: Table, column: int) -> bool:
    return any(isinstance(row[column], str) for row in table.rows) or not table.rows


def _delimited(table: Table, separator: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows(["" if _finite(cell) is None else cell for cell in row] for row in table.rows)
    return out.getvalue().rstrip("\n")


def _finite(cell: Cell) -> Cell | None:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
