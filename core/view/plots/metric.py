"""Any metric of saved runs against any of their options, scores or costs: the numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from core.errors import ConfigError, DataError
from core.evaluation.metric_names import in_words
from core.printable import counted
from core.runs import keys
from core.runs.result import Result
from core.types import Table
from core.view.plots.lines import BandKind, Line, Point
from core.view.plots.lines_of_runs import differing_events, line_name, line_options, marks
from core.view.rows import grouped, run_key

LIMIT = "data.limit"
NONE = "none"
APART = 5.0  # the ratio of sizes from which their axis is logarithmic
LOGARITHMIC = (LIMIT, *keys.COSTS, *keys.COSTS.values())  # whose axis is, if its values differ by much


class Measured(NamedTuple):
    """A run in the picture.

    Args:
        run: the run.
        x: its value on the axis of x: a number, or text where that is a category.
        y: its value of the metric.
    """

    run: Result
    x: float | str
    y: float


@dataclass(frozen=True)
class Comparison:
    """A metric against an option.

    Args:
        metric: the metric, and the split if it is a score.
        x: the key of the axis of x.
        categories: the categories in order, of which the places are the x of the lines; None where x is a number.
        lines: the means over seeds.
        notes: what is left out, and what does not compare.
        runs: the number of runs that are shown.
    """

    metric: str
    x: str
    categories: list[str] | None
    lines: list[Line]
    notes: list[str]
    runs: int

    @property
    def table(self) -> Table:
        """The numbers."""
        names = self.categories
        rows = [
            (line.name, names[int(point.x)] if names else point.row[0], *point.row[1:])
            for line in self.lines
            for point in line.points
        ]
        title = f"{self.metric} against {self.x}"
        return Table(title, ("line", self.x, f"mean {self.metric}", "low", "high", "runs"), rows)


def compare(
    results: Sequence[Result], metric: str | None, split: str, x: str, series: Sequence[str], band: BandKind
) -> Comparison:
    """A metric of saved runs against one of their options.

    Args:
        results: the runs.
        metric: of the split, or a cost; None is the one that the runs are compared by.
        split: ``dev`` or ``test``.
        x: a key of ``core.runs.keys``: an option, a score or a cost.
        series: the keys that make the lines; empty: all in which the runs differ.
        band: what is shown around a mean over seeds.

    Raises:
        UnknownName: no run has the metric, or a key.
        ConfigError: the runs of a point differ in more than their seeds, or the runs have several metrics.
        DataError: nothing is left to show.
    """
    name, key = _metric(results, metric, split)
    for each in (x, *series):
        keys.check_key(results, each, "x" if each == x else "series")
    found, notes = _measured(results, key, x)
    if not found:
        what = f"no run has a finite {name} and a value of {x}"
        raise DataError(what, where="x", remedy="choose others with x=, metric= or where=")
    if key not in keys.COSTS and differing_events([m.run for m in found], split):
        notes.append(f"the runs are scored on different rows or words of {split}, so their scores do not compare")
    categories = None if all(isinstance(m.x, float) for m in found) else _categories(found)
    groups = _groups(found, x, series)
    lines = [_line(line, own, x, categories, band) for line, own in groups.items()]
    return Comparison(name, x, categories, lines, notes, len(found))


def _metric(results: Sequence[Result], metric: str | None, split: str) -> tuple[str, str]:
    """The name of the metric, and its key."""
    if metric is not None and (metric in keys.COSTS or metric in keys.COSTS.values()):
        return metric, metric
    if metric is not None:
        key = metric if metric.partition(".")[0] in keys.SPLITS else f"{split}.{metric}"
        keys.check_key(results, key, "metric")
        return f"{metric.replace('_', ' ')} on {split}" if key != metric else metric, key
    primaries = {run.primary: run.task for run in results}
    if len(primaries) > 1:
        listed = ", ".join(f"{name} ({task})" for name, task in primaries.items())
        remedy = "choose a task with task=, or a metric that all have with metric="
        raise ConfigError(f"the runs have several metrics: {listed}", where="metric", remedy=remedy)
    return f"{next(iter(primaries)).replace('_', ' ')} on {split}", split


def _measured(results: Sequence[Result], key: str, x: str) -> tuple[list[Measured], list[str]]:
    """The runs with both values, and what is said of the others."""
    with_y, without_x, without_y = [], list[Result](), list[Result]()
    for run in results:
        value = keys.number(keys.value(run, key))
        if value is None or not math.isfinite(value):
            without_y.append(run)
        else:
            with_y.append((run, _value(run, x), value))
    is_number = any(isinstance(place, float) for _, place, _ in with_y) and not any(
        isinstance(place, str) and place != NONE for _, place, _ in with_y
    )
    found = []
    for run, place, value in with_y:
        if place is None or is_number and place == NONE:
            without_x.append(run)
        else:
            found.append(Measured(run, place if is_number or isinstance(place, str) else f"{place:g}", value))
    notes = []
    for left, what in ((without_y, "a finite value of the metric"), (without_x, f"a value of {x}")):
        if left:
            names = ", ".join(sorted({run.encoder for run in left}))
            notes.append(f"left out: {counted(len(left), 'run')} without {what} ({names})")
    return found, notes


def _value(run: Result, x: str) -> float | str | None:
    """What a run has on the axis of x; without a limit of the data, the number of its training rows."""
    value = keys.value(run, x)
    if x == LIMIT and value in (None, NONE):
        value = run.events.get("train", {}).get("rows")
    number = keys.number(value)
    return number if number is not None and math.isfinite(number) else None if value is None else str(value)


def _categories(found: Sequence[Measured]) -> list[str]:
    """The values of x in the order of the runs."""
    return list(dict.fromkeys(str(m.x) for m in found))


def _groups(found: Sequence[Measured], x: str, series: Sequence[str]) -> dict[str, list[Measured]]:
    """Name of the line -> its runs."""
    if not series:
        options = line_options([m.run for m in found], (x,))
        return grouped(found, lambda m: line_name(_without(options[run_key(m.run)], x)))
    names = [key.rpartition(".")[2] for key in series]

    def name(m: Measured) -> str:
        own = {short: str(keys.value(m.run, key)) for short, key in zip(names, series, strict=True)}
        return line_name(own) if len(own) > 1 else next(iter(own.values()))

    return grouped(found, name)


def _without(options: Mapping[str, str], x: str) -> dict[str, str]:
    """The options of a line without that of the axis."""
    return {key: value for key, value in options.items() if key != x} or dict(options)


def _line(name: str, own: Sequence[Measured], x: str, categories: Sequence[str] | None, band: BandKind) -> Line:
    """The points of a line; the runs of a point differ in nothing but their seeds."""
    rows = line_options([m.run for m in own])
    varies = x in LOGARITHMIC[1:] or x.partition(".")[0] in keys.SPLITS  # with the seed: the point is at the mean
    by_row = grouped(own, lambda m: (line_name(rows[run_key(m.run)]), "" if varies else m.x))
    points, taken = [], dict[float, tuple[str, float | str]]()
    for row, runs in by_row.items():
        places = [float(categories.index(str(m.x))) if categories else float(m.x) for m in runs]
        place = fmean(places)  # of seconds, each run has its own
        if place in taken:
            _refuse(name, x, [m for each in (taken[place], row) for m in by_row[each]])
        taken[place] = row
        points.append(Point.of(place, [m.y for m in runs], band))
    return Line(name + marks([m.run for m in own]), sorted(points, key=lambda point: point.x))


def _refuse(name: str, x: str, runs: Sequence[Measured]) -> None:
    """Raise the error of runs that share a point though they differ in more than their seeds."""
    options = list(line_options([m.run for m in runs]).values())
    every = dict.fromkeys(key for own in options for key in own)
    differing = [key for key in every if len({own.get(key) for own in options}) > 1 and key != x]
    listed = ", ".join(differing[:4]) or "what they were trained on"
    what = f"runs of '{name}' with the same {x} differ in {listed}"
    remedy = "name what makes the lines with series=KEY,KEY, or choose runs with where="
    raise ConfigError(what, where="series", remedy=remedy)


def title_of_x(x: str) -> str:
    """The title of the axis of x."""
    titles = {LIMIT: "training rows (data.limit)", "seconds": "seconds of reading, training and predicting"}
    return titles.get(x, x)


def is_sized(found: Comparison) -> bool:
    """Whether x is of sizes or costs that differ by much, so that its axis is logarithmic of itself."""
    across = [point.x for line in found.lines for point in line.points]
    return found.x in LOGARITHMIC and min(across) > 0 and max(across) / min(across) > APART


def described(found: Comparison) -> str:
    """Where each line begins and ends, in words."""
    texts = []
    for line in found.lines:
        names = [found.categories[int(p.x)] if found.categories else f"{p.x:,.4g}" for p in line.points]
        ends = list(zip(names, line.points, strict=True))
        texts.append(f"{line.name}: " + ", ".join(f"{p.y:,.2f} at {name}" for name, p in (ends[0], ends[-1])))
    return f"{in_words(found.metric)} against {found.x}: {'; '.join(texts)}."
