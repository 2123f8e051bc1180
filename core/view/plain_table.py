"""A table of plain values on the terminal."""

from __future__ import annotations

from rich.table import Table as RichTable
from rich.text import Text

from core.types import Cell, Table
from core.view.run_table import figure


def as_rich(table: Table, title: str = "") -> RichTable:
    """The table as rich prints it; columns of numbers are aligned on the right.

    Args:
        table: the values; floats are shown in two decimals.
        title: what stands above it, by default its own title.
    """
    shown = RichTable(title=(title or table.title) or None, title_justify="left", title_style="")
    for column, heading in enumerate(table.header):
        numeric = all(_is_number(row[column]) for row in table.rows)
        shown.add_column(Text(heading), justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(figure(cell) if isinstance(cell, float) else str(cell)) for cell in row))
    return shown


def _is_number(cell: Cell) -> bool:
    """Whether a cell is a number, as a value or as text."""
    try:
        float(str(cell).replace(",", ""))
    except ValueError:
        return False
    return True
