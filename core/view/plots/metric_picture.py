"""Any metric of saved runs against any of their options: lines, or bars where the option is a category."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.evaluation.metric_names import in_words
from core.printable import counted
from core.runs.result import Result
from core.view.plots.axes import LogAxes, is_wide, scale
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.lines import BANDS, BandKind, add_key, draw_lines, key_name
from core.view.plots.lines_of_runs import about
from core.view.plots.metric import Comparison, compare, described, is_sized, title_of_x
from core.view.plots.style import HEIGHT, SMALL, WIDTH, color, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 14  # the most bars with their numbers
SHORT, LONGEST = 80, 24  # letters of all names of bars side by side, and of one of them


def metric_drawing(
    results: Sequence[Result],
    metric: str | None,
    split: str,
    x: str,
    series: Sequence[str],
    band: BandKind,
    log: LogAxes,
) -> Drawing:
    """A metric against an option; see ``core.view.plots.metric.compare`` for arguments and errors.

    Args:
        log: which axes are logarithmic.
    """
    found = compare(results, metric, split, x, series, band)

    def draw(canvas: Canvas) -> None:
        axes = canvas.figure.add_subplot()
        axes.set_ylabel(canvas.text(in_words(found.metric), 50))
        axes.set_xlabel(canvas.text(title_of_x(x), 70))
        if found.categories is None:
            _draw_lines(canvas, axes, found, log)
        else:
            _draw_bars(canvas, axes, found, found.categories, log)
        add_key(canvas, [axes], canvas.text(", ".join(series), 60), found.categories is None)

    return Drawing(
        title=f"{about(results)}: {in_words(found.metric)} against {x}",
        caption=_caption(found, band),
        tables=[found.table],
        draw=draw,
        about=f"{counted(len(found.lines), 'line')}, {counted(found.runs, 'run')}",
        size=(WIDTH, HEIGHT),
        description=described(found),
        notes=found.notes,
    )


def _caption(found: Comparison, band: BandKind) -> str:
    """How many runs a point has, and what its band is."""
    numbers = sorted({point.number for line in found.lines for point in line.points})
    if numbers[-1] == 1:
        return ""
    number = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"mean over {number} runs" + (f"; band: {BANDS[band]}" if BANDS[band] else "")


def _ends(found: Comparison) -> list[float]:
    return [value for line in found.lines for point in line.points for value in (point.low, point.high)]


def _draw_lines(canvas: Canvas, axes: Axes, found: Comparison, log: LogAxes) -> None:
    """Lines over an axis of numbers."""
    draw_lines(canvas, axes, found.lines)
    across = [point.x for line in found.lines for point in line.points]
    whole = all(value == int(value) for value in across)
    scale(axes.xaxis, across, "x" in log or log == "auto" and is_sized(found), whole)
    scale(axes.yaxis, _ends(found), "y" in log or log == "auto" and is_wide(_ends(found)))


def _draw_bars(canvas: Canvas, axes: Axes, found: Comparison, categories: Sequence[str], log: LogAxes) -> None:
    """Bars from 0 upwards, one per line and category, with the band as a stroke; marks on a logarithmic axis."""
    is_log = "y" in log
    width, shown = 0.8 / len(found.lines), sum(len(line.points) for line in found.lines)
    for number, line in enumerate(found.lines):
        places = [point.x + (number - (len(found.lines) - 1) / 2) * width for point in line.points]
        heights = [point.y for point in line.points]
        name = key_name(canvas, line.name) if len(found.lines) > 1 else ""
        if is_log:  # a bar has no beginning there
            axes.plot(places, heights, mark(number), color=color(number), label=name, markersize=7)
        else:
            axes.bar(places, heights, width * 0.94, color=color(number), label=name)
        lows, highs = [point.low for point in line.points], [point.high for point in line.points]
        axes.vlines(places, lows, highs, color="#222222", linewidth=1.2)
        for place, point in zip(places, line.points, strict=True):
            if shown <= NAMED:
                at = (place, max(point.high, 0))
                above = (0, 4 if is_log else 2)
                how: Any = {"textcoords": "offset points", "ha": "center", "fontsize": SMALL}
                axes.annotate(f"{point.y:,.2f}", at, above, **how)
    names = [canvas.text(name, LONGEST) for name in categories]
    is_long = sum(map(len, names)) + 3 * len(names) > SHORT
    axes.set_xticks(range(len(names)), names, rotation=30 if is_long else 0, ha="right" if is_long else "center")
    for label in axes.get_xticklabels():
        label.set_rotation_mode("anchor")
    axes.grid(False, axis="x")
    axes.margins(y=0.1)
    scale(axes.yaxis, _ends(found), is_log)
