"""Tables that fit the width of the terminal: text folds, columns are left out or continue in a table below.

Nothing is cut: where one column alone is too wide, the lines are longer than the terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.printable import printable
from core.view.long_table import LONG, is_plain, print_long

FOLDED = 16  # the narrowest that a column of text is made, in characters
WORD = 32  # the longest word that is not folded
BORDER = 3  # characters per column for borders and padding

Row = Sequence[str | Text]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        heading: its name; several lines where it has line breaks.
        right: whether it is aligned to the right, as numbers are, and never folded.
        whole: whether it is never folded, as ids and names.
        style: of its cells, as Rich names it.
        group: a table that is too wide is divided where the group changes.
        rank: not 0 where the column may be left out, the highest rank first.
    """

    heading: str
    right: bool = False
    whole: bool = False
    style: str = ""
    group: int = 0
    rank: int = 0


def cell(text: object, style: str = "") -> Text:
    """A cell with its control characters as escapes, so that it is as wide as it is measured."""
    return Text(printable(text), style)


def print_fitted(console: Console, title: str, columns: Sequence[Column], *sections: Sequence[Row]) -> None:
    """Print a table that is at most as wide as the console, divided into several where necessary.

    Args:
        console: where it is printed.
        title: stands above it; empty for none.
        columns: its columns; the first says what a row is, and is repeated where the table is divided.
        sections: the rows between two horizontal lines, one cell per column.
    """
    layout = _Layout(columns, sections, console.width)
    chosen = list(range(len(columns)))
    optional = sorted((i for i in chosen if columns[i].rank), key=lambda i: columns[i].rank)
    while optional and not layout.fits(chosen, layout.narrowest):
        chosen.remove(optional.pop())
    if title:  # not the title of the Rich table, which folds at the width of the table
        console.print(cell(title, "bold"))
    for part in layout.divided(chosen):
        if (rows := layout.unfolded(part)) is not None:
            print_long(console, layout.empty(part, layout.full), rows, [layout.full(i) for i in part])
            continue
        table = layout.table(part)
        _print(console, table, layout.total(part, layout.narrowest))
    if missing := [printable(column.heading) for i, column in enumerate(columns) if i not in chosen]:
        text = f"not shown: {', '.join(missing)} (a wider terminal shows them)"
        console.print(Text(text, style="dim"), soft_wrap=True)


def fits(console: Console, columns: Sequence[Column], *sections: Sequence[Row]) -> bool:
    """Whether a table fits undivided, with what says what a row is on one line."""
    layout = _Layout([replace(columns[0], whole=True), *columns[1:]], sections, console.width)
    return layout.fits(range(len(columns)), layout.narrowest)


def _print(console: Console, table: Table, narrowest: int) -> None:
    """Print a table, on a console that is made as wide as it needs."""
    width = console.width
    console.width = max(width, narrowest)
    try:
        console.print(table, crop=False)
    finally:
        console.width = width


class _Layout:
    """The widths of the columns of a table, and the tables that it is divided into."""

    def __init__(self, columns: Sequence[Column], sections: Sequence[Sequence[Row]], available: int) -> None:
        self.columns, self.available = columns, available
        self.sections = [[[_text(part) for part in row] for row in section] for section in sections]
        rows = [row for section in self.sections for row in section]
        texts = [[row[i].plain for row in rows] for i in range(len(columns))]
        self.content = [max(map(_wide, cells), default=0) for cells in texts]
        self.words = [max((_wide(_broken(text)) for text in cells), default=0) for cells in texts]

    def folded(self, index: int) -> int:
        """The width of a column with its text folded, and its heading as it is."""
        return self._width(index, printable(self.columns[index].heading))

    def narrowest(self, index: int) -> int:
        """The width of a column with its text folded, and one line per word of its heading."""
        return self._width(index, _broken(printable(self.columns[index].heading)))

    def _width(self, index: int, heading: str) -> int:
        column, content = self.columns[index], self.content[index]
        if not (column.right or column.whole):
            content = min(content, max(FOLDED, min(self.words[index], WORD)))
        return max(content, _wide(heading))

    def total(self, part: Sequence[int], width: Callable[[int], int]) -> int:
        """The width of a table of some columns."""
        return sum(width(i) + BORDER for i in part) + 1

    def fits(self, part: Sequence[int], width: Callable[[int], int]) -> bool:
        """Whether a table of some columns is narrow enough."""
        return self.total(part, width) <= self.available

    def divided(self, chosen: Sequence[int]) -> list[list[int]]:
        """The columns of each table, the first column in all of them."""
        if self.fits(chosen, self.narrowest):
            return [list(chosen)]
        key, *others = chosen
        parts: list[list[int]] = []
        for i in others:
            last = parts[-1] if parts else [key]
            if not parts or self.columns[i].group != self.columns[last[-1]].group:
                parts.append([key, i])
            elif self.fits([*last, i], self.narrowest):
                last.append(i)
            else:
                parts.append([key, i])
        return parts or [[key]]

    def full(self, index: int) -> int:
        """The width of a column with nothing folded."""
        return max(self.content[index], _wide(printable(self.columns[index].heading)))

    def unfolded(self, part: Sequence[int]) -> list[list[Text]] | None:
        """The rows of a long table of one section, of plain text, that fits with nothing folded; else None."""
        rows = [row for section in self.sections for row in section]
        if len(rows) < LONG or len(self.sections) > 1:
            return None
        styled = any(self.columns[i].style or "\n" in self.columns[i].heading for i in part)
        chosen = [[row[i] for i in part] for row in rows if len(part) == 1 or any(row[i].plain for i in part[1:])]
        return chosen if self.fits(part, self.full) and not styled and is_plain(chosen) else None

    def table(self, part: Sequence[int]) -> Table:
        """A table of some columns; rows that are empty there are left out."""
        table = self.empty(part, self.folded if self.fits(part, self.folded) else self.narrowest)
        for section in self.sections:
            for row in section:
                if len(part) == 1 or any(row[i].plain for i in part[1:]):
                    table.add_row(*(row[i] for i in part))
            table.add_section()
        return table

    def empty(self, part: Sequence[int], width: Callable[[int], int]) -> Table:
        """The table of some columns without rows."""
        table = Table()
        for i in part:
            column, heading = self.columns[i], printable(self.columns[i].heading)
            table.add_column(
                Text(_broken(heading) if width == self.narrowest else heading),
                justify="right" if column.right else "left",
                style=column.style,
                no_wrap=column.right or column.whole,
                min_width=width(i),
                overflow="fold",
            )
        return table


def _text(part: str | Text) -> Text:
    return cell(part) if isinstance(part, str) else part


def _wide(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _broken(heading: str) -> str:
    return heading.replace(" ", "\n")
