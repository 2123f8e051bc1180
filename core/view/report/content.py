"""What the page consists of: tables, charts and text. The template knows these and nothing of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Spec = dict[str, Any]  # of Vega-Lite


class Value(NamedTuple):
    """A cell of a table.

    Args:
        text: what is shown.
        order: what the column is sorted by, a number or text; None sorts last.
        style: the CSS classes.
        title: more about the cell, for the pointer and for screen readers.
        note: what follows the text in small letters.
    """

    text: str
    order: float | str | None = None
    style: str = ""
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Grid:
    """A table; the first cell of a row is its heading.

    Args:
        caption: what it shows.
        header: the heading of each column; a second line after a line feed is smaller.
        rows: the cells of each row.
        below: rows that are not sorted with the others: the baselines.
        sortable: whether the headings sort the rows.
        left: the columns with text, which is aligned to the left; the first one always is.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]
    below: Sequence[Sequence[Value]] = ()
    sortable: bool = False
    left: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chart:
    """A picture, with a text for those who cannot see it.

    Args:
        title: what it shows.
        spec: the picture.
        alt: what can be seen on it.
        half: whether two of them fit side by side.
    """

    title: str
    spec: Spec
    alt: str
    half: bool = False


@dataclass(frozen=True)
class Entry:
    """How something was made, shown on demand.

    Args:
        title: what.
        command: the command that makes it again.
        text: a paragraph.
        grids: tables.
    """

    title: str
    command: str
    text: str
    grids: Sequence[Grid]


@dataclass(frozen=True)
class Part:
    """A piece of a chapter with a heading.

    Args:
        title: the heading.
        text: paragraphs below it.
        charts: the pictures.
        grids: tables.
        folded: title -> tables that are shown on demand.
        entries: how runs were made.
    """

    title: str
    text: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    grids: Sequence[Grid] = ()
    folded: Mapping[str, Sequence[Grid]] = field(default_factory=dict)
    entries: Sequence[Entry] = ()


class Mark(NamedTuple):
    """The mark of a row in the charts.

    Args:
        letter: its shape.
        color: the number of its color.
        label: what the charts call the row.
    """

    letter: str
    color: int
    label: str


@dataclass(frozen=True)
class Chapter:
    """A chapter of the page.

    Args:
        title: the heading.
        short: the same in the table of contents.
        text: paragraphs below the heading.
        parts: what follows.
        points: a list below the paragraphs.
        key: the rows that the charts show, for the list of their marks.
        names: what the labels of rows stand for; None where they are the names.
    """

    title: str
    short: str
    text: Sequence[str] = ()
    parts: Sequence[Part] = ()
    points: Sequence[str] = ()
    key: Sequence[Mark] = ()
    names: Grid | None = None


def number(value: float | None, digits: int = 2) -> Value:
    """A number with two decimals, or a dash where there is none."""
    if value is None or math.isnan(value):
        return Value("–")
    text = f"{value:z,.{digits}f}" if math.isfinite(value) else "∞"
    return Value(text.replace("-", "−"), value)


def count(value: int) -> Value:
    """A whole number."""
    return Value(f"{value:,}", value)
