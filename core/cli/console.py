"""Where commands print their results and messages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

PIPE_WIDTH = 140  # columns where the output is not a terminal


def console(error: bool = False) -> Console:
    """The console for results (standard output) or for messages (standard error).

    Names, paths and messages are printed as they are: brackets and colons in them are not markup.
    """
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(stderr=error, width=width, highlight=False, markup=False, emoji=False)


def print_table(title: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table on standard output: the first column left-aligned, the others right-aligned."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(header):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(str, row))
    console().print(table)
