"""Lines with bands: learning curves, a metric against an option, anything against a distance or a length."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, Literal

from core.types import Cell
from core.view.plots.drawing import Canvas
from core.view.plots.style import color, dash, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BandKind = Literal["range", "sd", "none"]
BANDS = {"range": "lowest to highest", "sd": "mean ± standard deviation", "none": ""}
MARKED = 25  # the most points of a line that have marks
LONGEST = 90  # letters of the name of a line
INSIDE, SHORT = 6, 32  # the most lines, and letters of their names, of a key within the axes
ACROSS, LINE = 104, 0.19  # letters of a line of the key below the axes, and its height in inches


@dataclass(frozen=True)
class Point:
    """A point of a line: the mean of some values, and the ends of the band there.

    Args:
        x: where.
        y: the mean.
        low: the lower end of the band; equal to ``y`` where there is none.
        high: the upper end.
        number: how many values there are.
    """

    x: float
    y: float
    low: float
    high: float
    number: int

    @classmethod
    def of(cls, x: float, values: Sequence[float], band: BandKind) -> Point:
        """The point of some values: their mean, with their range or standard deviation (n - 1) as the band."""
        mean = fmean(values)
        low, high = mean, mean
        if band == "range":
            low, high = min(values), max(values)
        elif band == "sd" and len(values) > 1 and all(map(math.isfinite, values)):
            deviation = stdev(values)
            low, high = mean - deviation, mean + deviation
        return cls(x, mean, low, high, len(values))

    @property
    def row(self) -> tuple[Cell, ...]:
        """The numbers as a row of a table."""
        x = int(self.x) if self.x.is_integer() else self.x
        return x, self.y, self.low, self.high, self.number


@dataclass(frozen=True)
class Line:
    """A line.

    Args:
        name: of it, in the key.
        points: from left to right.
    """

    name: str
    points: Sequence[Point]


def draw_lines(canvas: Canvas, axes: Axes, lines: Sequence[Line], places: Mapping[str, int] | None = None) -> None:
    """Draw lines with their bands; points that are not finite are gaps.

    Args:
        canvas: where the axes are.
        axes: where they are drawn; titles, scales and the key are the caller's (``add_key``).
        lines: the lines.
        places: name of a line -> the number of its color; None: the lines in order.
    """
    for place, line in enumerate(lines):
        number = place if places is None else places[line.name]
        x, y = [point.x for point in line.points], [point.y for point in line.points]
        marker = mark(number) if len(x) <= MARKED else ""
        name = key_name(canvas, line.name)
        axes.plot(x, y, color=color(number), linestyle=dash(number), marker=marker, label=name)
        lows, highs = [point.low for point in line.points], [point.high for point in line.points]
        if any(low < high for low, high in zip(lows, highs, strict=True)):
            if len(x) > 1:
                axes.fill_between(x, lows, highs, color=color(number), alpha=0.18, linewidth=0)
            else:
                axes.vlines(x, lows, highs, color=color(number), linewidth=1.5)


def key_name(canvas: Canvas, name: str) -> str:
    """The name of a line in the key, from which matplotlib leaves out what begins with ``_``."""
    text = canvas.text(name, LONGEST)
    return f" {text}" if text.startswith("_") else text


def add_key(canvas: Canvas, all_axes: Sequence[Axes], title: str = "", inside: bool = True) -> None:
    """The key of the lines: within the axes where they are few, else below them, for which the figure grows.

    Args:
        canvas: where the axes are.
        all_axes: the axes whose lines are in the key, each name once.
        title: what distinguishes the lines.
        inside: whether the key may be within the axes.
    """
    handles: dict[str, Any] = {}
    for axes in all_axes:
        handles |= {name: handle for handle, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    names = list(handles)
    if len(names) < 2 and not any(names):
        return
    longest = max(map(len, names))
    if inside and len(all_axes) == 1 and len(names) <= INSIDE and longest <= SHORT:
        all_axes[0].legend(loc="best", title=title)
        return
    columns = max(1, min(len(names), ACROSS // (longest + 7)))
    lines = -(-len(names) // columns) + 2
    canvas.figure.set_figheight(canvas.figure.get_figheight() + LINE * lines)
    canvas.figure.legend(handles.values(), names, loc="outside lower center", ncols=columns, title=title)
