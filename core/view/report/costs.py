"""Scores against what they cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from core.printable import one_line
from core.runs.result import Result
from core.view.report.charts import Charts
from core.view.report.content import Chart, Part
from core.view.report.material import DRAWN, ColumnRuns
from core.view.rows import short

COSTS = {"seconds": "seconds of reading, training and predicting", "parameters": "parameters"}


class Point(NamedTuple):
    """A row of a table: its mean cost and its mean, lowest and highest score."""

    row: str
    x: float
    y: float
    low: float
    high: float
    front: bool = False


def points(rows: Mapping[str, Sequence[Result]], cost: str, minimize: bool) -> list[Point]:
    """The rows with a finite score and a cost above 0; ``front``: no other row is as good and as cheap.

    Args:
        rows: name of the row -> its runs.
        cost: the key of the cost.
        minimize: whether a lower score is better.
    """
    found = []
    for name, runs in rows.items():
        scores, x = [run.score for run in runs], fmean(run.cost.get(cost, math.nan) for run in runs)
        if x > 0 and all(map(math.isfinite, [x, *scores])):
            found.append(Point(one_line(name), x, fmean(scores), min(scores), max(scores)))
    sign = 1 if minimize else -1
    better = {point: (point.x, sign * point.y) for point in found}
    return [
        point._replace(front=not any(_dominates(own, better[point]) for own in better.values())) for point in found
    ]


def _dominates(first: tuple[float, float], second: tuple[float, float]) -> bool:
    return first != second and first[0] <= second[0] and first[1] <= second[1]


def costs(column: ColumnRuns, charts: Charts) -> Part | None:
    """The score against seconds and against parameters; None where no row has a finite score."""
    names = column.best(DRAWN)
    shown = []
    for cost, title in COSTS.items():
        found = points({name: column.rows[name] for name in names}, cost, column.column.minimize)
        if not found:
            continue
        front = sorted((point for point in found if point.front), key=lambda point: point.x)
        texts = [
            f"{point.row} {point.y:,.2f} at {short(point.x) if cost == 'parameters' else f'{point.x:,.1f}'}"
            for point in front
        ]
        chart = charts.costs([point._asdict() for point in found], title, column.metric)
        shown.append(
            Chart(
                f"{column.metric.capitalize()} against {cost}",
                chart,
                f"Best for their cost: {'; '.join(texts)}.",
                True,
            )
        )
    if not shown:
        return None
    text = [
        "A mark is the mean of a row, its bar the range over its runs. The line joins the rows than which no "
        "other is both better and cheaper."
    ]
    return Part("Score and cost", text, names, shown)
