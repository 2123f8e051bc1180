"""Learning curves of saved runs: a line per encoder and options, a band over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from statistics import fmean
from typing import Literal

from core.errors import ConfigError, DataError, nearest
from core.evaluation.metric_names import in_words
from core.printable import counted
from core.runs.result import Result
from core.types import Cell, Table
from core.view.plots.axes import LogAxes, finite_values, is_wide, scale
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.lines import BANDS, BandKind, Line, Point, add_key, draw_lines
from core.view.plots.lines_of_runs import about, differing_events, line_name, line_options, marks
from core.view.plots.style import HEIGHT, WIDTH
from core.view.rows import grouped, run_key

Across = Literal["epoch", "step", "seconds"]
TITLES = {"epoch": "epoch", "step": "steps of the optimiser", "seconds": "seconds of training"}
LOSSES = {"loss": "training loss (nats)", "dev_loss": "loss on dev (nats)"}
NOT_SCORES = ("epoch", "step", "seconds", "tokens_per_second")
PANEL = 3.1  # the height of one of several panels, in inches

Panels = dict[str, list[Line]]  # metric -> its lines


def curves_drawing(
    results: Sequence[Result], metrics: Sequence[str], x: Across, band: BandKind, log: LogAxes
) -> Drawing:
    """The learning curves of some runs.

    Args:
        results: the runs.
        metrics: those of dev, one per panel, ``loss`` and ``dev_loss`` too; empty for the primary one.
        x: what is on the axis of x.
        band: what the band around a line is.
        log: which axes are logarithmic.

    Raises:
        DataError: no run has a learning curve, or one with the metrics.
        ConfigError: the runs have several primary metrics, and none is named.
    """
    known = [run for run in results if run.curve]
    if not known:
        what = "no run has a learning curve; it has one if its model trains in epochs"
        raise DataError(what, where="runs", remedy="name other runs: run=A,B, encoder=NAME or where=CONDITION")
    notes = _left_out(results, known)
    chosen = metrics or (_primary(known),)
    panels: Panels = {}
    for metric in chosen:
        panels[metric] = _lines(known, metric, x, band)
    _check(panels, known)
    if differing_events(known, "dev"):
        notes.append("the runs are scored on different rows or words of dev, so their scores do not compare")
    lines = {line.name: line for own in panels.values() for line in own}
    tables = [_table(metric, own, x) for metric, own in panels.items()]
    return Drawing(
        title=f"Learning curves: {about(known)}",
        caption=_caption(known, band),
        tables=[_joined(tables)] if len(tables) > 1 else tables,
        draw=_drawer(panels, x, log),
        about=f"{counted(len(lines), 'line')}, {counted(len(known), 'run')}",
        size=(WIDTH, HEIGHT if len(panels) == 1 else PANEL * len(panels)),
        description=_described(panels, x),
        notes=notes,
    )


def _primary(runs: Sequence[Result]) -> str:
    """The metric that all runs are compared by."""
    tasks = {run.primary: run.task for run in runs}
    if len(tasks) > 1:
        listed = ", ".join(f"{metric} ({task})" for metric, task in tasks.items())
        remedy = "choose a task with task=, or name what all have with metric=, such as dev_loss"
        raise ConfigError(f"the runs have several metrics: {listed}", where="metric", remedy=remedy)
    return next(iter(tasks))


def _left_out(results: Sequence[Result], known: Sequence[Result]) -> list[str]:
    names = sorted({run.encoder for run in results if not run.curve})
    number = counted(len(results) - len(known), "run")
    return [f"left out: {number} without a learning curve ({', '.join(names)})"] if names else []


def _lines(runs: Sequence[Result], metric: str, x: Across, band: BandKind) -> list[Line]:
    """The lines of one metric."""
    options = line_options(runs)
    found = []
    for name, own in grouped(runs, lambda run: line_name(options[run_key(run)])).items():
        points = _points([_curve(run, metric, x) for run in own], band)
        if points:
            found.append(Line(name + marks(own), points))
    return found


def _curve(run: Result, metric: str, x: Across) -> dict[int, tuple[float, float]]:
    """Epoch -> x and y of a run, where both are known; seconds are those of all epochs so far."""
    seconds = accumulate(float(row.get("seconds", math.nan)) for row in run.curve)
    found = {}
    for number, (row, spent) in enumerate(zip(run.curve, seconds, strict=True), start=1):
        epoch = int(row.get("epoch", number))
        place = {"epoch": epoch, "step": row.get("step", math.nan), "seconds": spent}[x]
        value = row.get(metric, math.nan)
        if all(isinstance(part, int | float) and math.isfinite(part) for part in (place, value)):
            found[epoch] = float(place), float(value)
    return found


def _points(curves: Sequence[Mapping[int, tuple[float, float]]], band: BandKind) -> list[Point]:
    """A point per epoch: the means of x and y over the runs that reached it, and the band of y."""
    found = []
    for epoch in sorted({epoch for curve in curves for epoch in curve}):
        reached = [curve[epoch] for curve in curves if epoch in curve]
        found.append(Point.of(fmean(x for x, _ in reached), [y for _, y in reached], band))
    return found


def _check(panels: Panels, runs: Sequence[Result]) -> None:
    """Raise the error of a metric that no run has, or of an x that no run has saved."""
    known = list(dict.fromkeys(key for run in runs for row in run.curve for key in row if key not in NOT_SCORES))
    for metric, lines in panels.items():
        if metric not in known:
            remedy = f"{nearest(metric, known)}; the curves have {', '.join(known)}"
            raise ConfigError(f"no learning curve has '{metric}'", where="metric", remedy=remedy)
        if not lines:
            what = "no run has saved these for its epochs, or no value is finite"
            raise DataError(what, where="x", remedy="take x=epoch, which every run has, or another metric=")


def _table(metric: str, lines: Sequence[Line], x: Across) -> Table:
    header = ("line", x, f"mean {metric}", "low", "high", "runs")
    rows = [(line.name, *point.row) for line in lines for point in line.points]
    return Table(f"{in_words(metric)} on dev", header, rows)


def _joined(tables: Sequence[Table]) -> Table:
    """The tables of several metrics as one, with the metric as a column."""
    rows: list[tuple[Cell, ...]] = []
    for table in tables:
        metric = table.header[2].removeprefix("mean ")
        rows += [(metric, *row) for row in table.rows]
    line, x, _, *others = tables[0].header
    return Table("Learning curves on dev", ("metric", line, x, "mean", *others), rows)


def _caption(runs: Sequence[Result], band: BandKind) -> str:
    """What the lines and bands are."""
    options = line_options(runs)
    sizes = [len(own) for own in grouped(runs, lambda run: line_name(options[run_key(run)])).values()]
    if max(sizes) == 1:
        return ""
    number = str(sizes[0]) if len(set(sizes)) == 1 else f"{min(sizes)} to {max(sizes)}"
    return f"mean over {number} runs" + (f"; band: {BANDS[band]}" if BANDS[band] else "")


def _drawer(panels: Panels, x: Across, log: LogAxes) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        all_axes = canvas.figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0].tolist()
        colors = {name: place for place, name in enumerate(dict.fromkeys(_names(panels)))}
        for axes, (metric, lines) in zip(all_axes, panels.items(), strict=True):
            draw_lines(canvas, axes, lines, colors)
            axes.set_ylabel(canvas.text(LOSSES.get(metric, f"{in_words(metric)} on dev")))
            points = [point for line in lines for point in line.points]
            scale(axes.xaxis, [point.x for point in points], "x" in log, whole=x != "seconds")
            up = finite_values([value for point in points for value in (point.low, point.high)])
            scale(axes.yaxis, up, "y" in log or log == "auto" and is_wide(up))
        all_axes[-1].set_xlabel(TITLES[x])
        add_key(canvas, all_axes)

    return draw


def _names(panels: Panels) -> list[str]:
    return [line.name for lines in panels.values() for line in lines]


def _described(panels: Panels, x: Across) -> str:
    """Where each line ends."""
    texts = []
    for metric, lines in panels.items():
        ends = [f"{line.name} {line.points[-1].y:,.2f} at {x} {line.points[-1].x:,.4g}" for line in lines]
        texts.append(f"{in_words(metric)} on dev at the end: {'; '.join(ends)}.")
    return " ".join(texts)
