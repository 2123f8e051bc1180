"""Long tables of plain text: Rich, which takes a millisecond per row, draws only their frame."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, SegmentLines
from rich.table import Table
from rich.text import Text

LONG = 100  # rows from which on this pays

Rows = Sequence[Sequence[Text]]


def print_long(console: Console, table: Table, rows: Rows, widths: Sequence[int]) -> None:
    """Print a table with the rows put into it; each of their cells is one line without a style, and fits.

    Args:
        console: where it is printed.
        table: the table without rows, its columns as wide as ``widths``.
        rows: one cell per column.
        widths: of the columns, in characters.
    """
    table.add_row(*(" " * width for width in widths))
    lines = console.render_lines(table, console.options, pad=False)
    frame = "".join(segment.text for segment in lines[-2])
    edge = frame[0]
    turned = [column.justify == "right" for column in table.columns]
    drawn = []
    for row in rows:
        parts = zip(row, widths, turned, strict=True)
        cells = [_padded(text.plain, width, right) for text, width, right in parts]
        drawn.append(f"{edge} {f' {edge} '.join(cells)} {edge}")
    body = [Segment("\n".join(drawn))]
    console.print(SegmentLines([*lines[:-2], body, lines[-1]], new_lines=True), crop=False)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def is_plain(rows: Rows) -> bool:
    """Whether every cell is one line without a style."""
    return not any(text.style or text.spans or "\n" in text.plain for row in rows for text in row)
