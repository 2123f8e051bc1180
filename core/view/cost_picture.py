"""The score of each row against its cost as a picture, one line of panels per column of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import DataError
from core.printable import one_line
from core.runs.result import Result
from core.view.bench_table import BenchTable, column_rows, headings
from core.view.figures import write_figure
from core.view.pareto import COSTS, Point, front, points
from core.view.rows import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 4.2, 3.0  # of a panel, in inches
COLORS = ("#0072b2", "#c04a00", "#007a5c", "#ad3d7d", "#6650c0", "#836300", "#5c5c5c", "#a3262e")
MARKS = ("o", "s", "^", "D")

Panels = list[tuple[str, bool, dict[str, list[Result]]]]  # heading, minimize, row -> runs


def write_costs(tables: Sequence[BenchTable], path: Path) -> int:
    """Write the picture; returns the number of its lines of panels.

    Args:
        tables: the tables whose columns are shown.
        path: the picture, with an ending of ``core.view.figures.ENDINGS``.

    Raises:
        DataError: no row has a score and a cost, or the picture cannot be written.
    """
    several = len(tables) > 1
    panels: Panels = []
    for table in tables:
        for heading, column in zip(headings(table), table.columns, strict=True):
            rows = {name: runs for name, runs in column_rows(table, column).items() if runs}
            if any(points(rows, cost, column.minimize) for cost in COSTS):
                panels.append((f"{table.data}: {heading}" if several else heading, column.minimize, rows))
    if not panels:
        raise DataError("there is no picture: no row has a finite score and a cost", where="png")
    names = list(dict.fromkeys(one_line(name) for _, _, rows in panels for name in rows))
    write_figure(_figure(panels, names), path, "scores and costs", _described(panels))
    return len(panels)


def _figure(panels: Panels, names: Sequence[str]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH * len(COSTS), HEIGHT * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), len(COSTS), squeeze=False)
    drawn: dict[str, Any] = {}
    for line, (heading, minimize, rows) in zip(axes, panels, strict=True):
        for panel, (cost, title) in zip(line, COSTS.items(), strict=True):
            drawn |= _draw(panel, points(rows, cost, minimize), names)
            panel.set_xlabel(title)
            panel.set_ylabel(heading, parse_math=False)
    shown = [name for name in names if name in drawn]
    handles = [drawn[name] for name in shown]
    key = figure.legend(handles, shown, loc="outside lower center", ncols=min(6, len(shown)), frameon=False)
    for text in key.get_texts():
        text.set_parse_math(False)
    return figure


def _draw(axes: Axes, found: Sequence[Point], names: Sequence[str]) -> dict[str, Any]:
    """A mark per row, a bar over its runs, and a line over the front; the marks by the name of the row."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    best, marks = front(found), {}
    axes.set_xscale("log")
    axes.step([p.x for p in best], [p.y for p in best], where="post", color="#999999", linewidth=1, zorder=1)
    for point in found:
        place = names.index(point.row)
        color, mark = COLORS[place % len(COLORS)], MARKS[place // len(COLORS) % len(MARKS)]
        axes.plot([point.x] * 2, [point.low, point.high], color=color, linewidth=1)
        (marks[point.row],) = axes.plot([point.x], [point.y], mark, color=color, markersize=5)
    for point in best:
        at: Any = {"xytext": (0, 6), "textcoords": "offset points", "fontsize": 8, "ha": "center"}
        axes.annotate(point.row, (point.x, point.y), annotation_clip=False, parse_math=False, **at)
    axes.margins(x=0.15, y=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=7))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value) if value >= 10 else f"{value:g}"))
    return marks


def _described(panels: Panels) -> str:
    """The picture in words."""
    texts = []
    for heading, minimize, rows in panels:
        for cost in COSTS:
            best = ", ".join(f"{p.row} {p.y:.2f}" for p in front(points(rows, cost, minimize)))
            texts.append(f"{heading} against {cost}, best for their cost: {best}.")
    return " ".join(texts)
