"""The tables that a task makes of its predictions."""

from __future__ import annotations

from core.types import Cell, Table
from core.view.report.content import Grid, Part, Value, count, number
from core.view.report.material import DRAWN, ColumnRuns

WIDEST, LONGEST = 26, 100  # columns and rows of a table
ELSEWHERE = "Larger tables are left out or cut: python -m core report run=ID prints them."


def task_tables(column: ColumnRuns) -> Part | None:
    """The tables of the task itself, for the first run of each row; None where it has none."""
    found = column.predicted
    if found is None:
        return None
    folded, is_cut = {}, False
    for name in (name for name in column.best(DRAWN) if name in found.rows):
        tables = found.task.report(found.rows[name][0], found.corpus)
        fitting = [table for table in tables if len(table.header) <= WIDEST]
        is_cut |= len(fitting) < len(tables) or any(len(table.rows) > LONGEST for table in fitting)
        if fitting:
            folded[name] = list(map(_grid, fitting))
    text = ["Of the first seed of each row.", *([ELSEWHERE] if is_cut else [])]
    return Part("Tables of the task", text, folded=folded) if folded else None


def _grid(table: Table) -> Grid:
    rows = [list(map(_value, row)) for row in table.rows[:LONGEST]]
    return Grid(table.title, list(map(str, table.header)), rows, sortable=True)


def _value(cell: Cell) -> Value:
    if isinstance(cell, str):
        return Value(cell, cell)
    return count(cell) if isinstance(cell, int) else number(cell)
