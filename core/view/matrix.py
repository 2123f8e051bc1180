"""A grid over two options as a matrix: the values of one are its rows, those of the other its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from core.runs.keys import number
from core.view.layout import Column, Row, fits

Axes = tuple[str, str]  # the two keys


def two_axes(rows: Sequence[Mapping[str, str]]) -> Axes | None:
    """The two keys in which the rows of a grid differ; None where it is no grid over two.

    Args:
        rows: key -> value of each row.

    Returns:
        The keys, if more pairs of values are there than those in which one key keeps its value.
    """
    keys = dict.fromkeys(key for row in rows for key in row)
    axes = tuple(key for key in keys if len({row.get(key) for row in rows}) > 1)
    if len(axes) != 2 or not all(set(axes) <= set(row) for row in rows):
        return None
    sizes = [len({row[key] for row in rows}) for key in axes]
    is_grid = len({(row[axes[0]], row[axes[1]]) for row in rows}) == len(rows) > sum(sizes) - 1
    return axes if is_grid else None


def matrix(
    console: Console, axes: Axes, rows: Sequence[Mapping[str, str]], cells: Sequence[Text]
) -> tuple[list[Column], list[Row]] | None:
    """One cell per row as a matrix for ``print_fitted``; None where it is too wide in both directions.

    Args:
        console: where it is printed.
        axes: the two keys of ``two_axes``.
        rows: key -> value of each row.
        cells: what the matrix shows of each row.
    """
    for down, across in (axes, axes[::-1]):
        places = {(row[down], row[across]): text for row, text in zip(rows, cells, strict=True)}
        heads = _ordered(row[across] for row in rows)
        columns = [Column(down), *(Column(f"{across}={head}", right=True) for head in heads)]
        body: list[Row] = [
            [name, *(places.get((name, head), Text("-")) for head in heads)]
            for name in _ordered(row[down] for row in rows)
        ]
        if fits(console, columns, body):
            return columns, body
    return None


def _ordered(values: Iterable[str]) -> list[str]:
    """Each value once: numbers upwards, text in the order of the rows."""
    found = list(dict.fromkeys(values))
    numbers = {value: number(value) for value in found}
    return found if None in numbers.values() else sorted(found, key=lambda value: numbers[value] or 0.0)
