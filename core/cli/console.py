"""Where commands print their tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.view.console import Console

NUMBER = re.compile(r"[-+]?[\d.,]*(e[-+]\d+)?( ± [\d.]+)?|inf|nan")


def console(error: bool = False) -> Console:
    """The console for results (standard output) or messages (standard error); brackets are not markup in it."""
    from core.view.console import console

    return console(error)


def print_table(
    title: str, header: Iterable[str], rows: Iterable[Iterable[object]], whole: Collection[str] = ()
) -> None:
    """Print a table; columns of numbers are right-aligned, and an empty row is a line across the table.

    Args:
        title: stands above it; empty for none.
        header: the heading of each column; the first column says what a row is.
        rows: one value per column.
        whole: headings of columns that are never folded: ids and names.
    """
    from core.view.layout import Column, print_fitted

    cells = [list(map(str, row)) for row in rows]
    columns = [
        Column(heading, all(NUMBER.fullmatch(row[i]) for row in cells if row), heading in whole)
        for i, heading in enumerate(header)
    ]
    sections: list[list[list[str]]] = [[]]
    for row in cells:
        sections[-1].append(row) if row else sections.append([])
    print_fitted(console(), title, columns, *sections)
