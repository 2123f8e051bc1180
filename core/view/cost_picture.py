"""The score of each row against its cost as a picture, one line of panels per column of the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from core.errors import DataError
from core.printable import one_line
from core.runs.result import Result
from core.view.bench_table import BenchTable, column_rows, headings
from core.view.figures import write_figure
from core.view.label_places import place_names
from core.view.pareto import COSTS, Point, cost_ends, front, points, score_ends, spots
from core.view.plots.axes import log_ticks
from core.view.plots.style import COLORS
from core.view.row_labels import labels
from core.view.rows import row_options, run_key, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = ("o", "s", "^", "D")
WIDTH, HEIGHT = 4.2, 3.0  # of a panel, in inches
INNER, FONT = (240.0, 150.0), 8  # the least size of a panel within its axes, and the font of names, in points
TICKS = 5  # the most of an axis
KEY, LINE = 120, 0.17  # letters of a line of the key; its height in inches

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
    write_figure(_figure(panels, _labels(tables, panels)), path, "scores and costs", _described(panels))
    return len(panels)


def _labels(tables: Sequence[BenchTable], panels: Panels) -> dict[str, str]:
    """Name of the row -> its short label."""
    options = row_options([run for table in tables for runs in table.runs.values() for run in runs])
    found = {name: options[run_key(runs[0])] for _, _, rows in panels for name, runs in rows.items()}
    return {one_line(name): label for name, label in labels(found).items()}


def _figure(panels: Panels, names: Mapping[str, str]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH * len(COSTS), HEIGHT * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), len(COSTS), squeeze=False)
    drawn: dict[str, Any] = {}
    for line, (heading, minimize, rows) in zip(axes, panels, strict=True):
        for panel, (cost, title) in zip(line, COSTS.items(), strict=True):
            drawn |= _draw(panel, points(rows, cost, minimize), names)
            panel.set_xlabel(f"{title} (log scale)")
            panel.set_ylabel(heading, parse_math=False)
    shown = [name for name in names if name in drawn]
    _key(figure, [drawn[name] for name in shown], [_described_row(name, names[name]) for name in shown])
    return figure


def _key(figure: Figure, marks: Sequence[Any], texts: Sequence[str]) -> None:
    """The marks and their rows below the panels, for which the figure grows."""
    columns = max(1, min(len(texts), KEY // max(len(text) + 8 for text in texts)))
    lines = -(-sum(text.count("\n") + 1 for text in texts) // columns)
    figure.set_figheight(figure.get_figheight() + LINE * (lines + 1))
    place: Any = {"loc": "outside lower center", "ncols": columns, "frameon": False, "fontsize": FONT}
    for text in figure.legend(marks, texts, **place).get_texts():
        text.set_parse_math(False)


def _described_row(name: str, label: str) -> str:
    """The label of a row and its name, in lines that fit."""
    text = name if name == label else f"{label}: {name}"
    return "\n".join(wrap(text, KEY, subsequent_indent="    ", break_on_hyphens=False))


def _draw(axes: Axes, found: Sequence[Point], names: Mapping[str, str]) -> dict[str, Any]:
    """A mark per row, a bar over its runs, and a line over the front; the marks by the name of the row."""
    if not found:
        return {}
    best, marks, places = front(found), {}, list(names)
    axes.step([p.x for p in best], [p.y for p in best], where="post", color="#999999", linewidth=1, zorder=1)
    for point in found:
        place = places.index(point.row)
        color, mark = COLORS[place % len(COLORS)], MARKS[(place + place // len(COLORS)) % len(MARKS)]
        axes.plot([point.x] * 2, [point.low, point.high], color=color, linewidth=1)
        (marks[point.row],) = axes.plot([point.x], [point.y], mark, color=color, markersize=5)
    axes.spines[["top", "right"]].set_visible(False)
    _scale(axes, found)
    _name(axes, found, names)
    return marks


def _scale(axes: Axes, found: Sequence[Point]) -> None:
    """The ends of the axes, and ticks whose labels do not touch."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    across, (up, is_log) = cost_ends(found), score_ends(found)
    axes.set_xscale("log")
    axes.set_yscale("log" if is_log else "linear")
    axes.set_xlim(*across)
    axes.set_ylim(*up)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(*across, TICKS)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value) if value >= 10 else f"{value:g}"))


def _name(axes: Axes, found: Sequence[Point], names: Mapping[str, str]) -> None:
    """The names of the points, where they cover nothing."""
    across, (up, is_log) = cost_ends(found), score_ends(found)
    ordered = sorted(found, key=lambda point: (not point.front, point.x))
    own = spots(ordered, [names[point.row] for point in ordered], across, up, is_log)
    for spot, point, place in zip(own, ordered, place_names(own, *INNER, FONT), strict=True):
        if place is not None:
            at: Any = {"xytext": (place.dx, place.dy), "textcoords": "offset points", "fontsize": FONT}
            axes.annotate(
                spot.text,
                (point.x, getattr(point, place.end)),
                ha=place.align,
                va="center",
                parse_math=False,
                **at,
            )


def _described(panels: Panels) -> str:
    """The picture in words."""
    texts = []
    for heading, minimize, rows in panels:
        for cost in COSTS:
            best = ", ".join(f"{p.row} {p.y:.2f}" for p in front(points(rows, cost, minimize)))
            texts.append(f"{heading} against {cost}, best for their cost: {best}.")
    return " ".join(texts)
