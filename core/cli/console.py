"""Where commands print their results and messages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

NUMBER = re.compile(r"[-+]?[\d.,]*( ± [\d.]+)?|inf|nan")
PIPE_WIDTH = 140  # columns where the output is not a terminal


def console(error: bool = False) -> Console:
    """The console for results (standard output) or messages (standard error); brackets are not markup in it."""
    from rich.console import Console

    width = None if (sys.stderr if error else sys.stdout).isatty() else PIPE_WIDTH
    return Console(stderr=error, width=width, highlight=False, markup=False, emoji=False)


def print_table(title: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table; columns of numbers are right-aligned, and an empty row is a line across the table."""
    from rich.table import Table
    from rich.text import Text

    table, cells = Table(title=title or None, title_justify="left"), [list(map(str, row)) for row in rows]
    for column, heading in enumerate(header):
        numeric = all(NUMBER.fullmatch(row[column]) for row in cells if row)
        table.add_column(Text(heading), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        if row:
            table.add_row(*map(Text, row))
        else:
            table.add_section()
    console().print(table)
