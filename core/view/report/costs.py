"""Scores against what they cost."""

from __future__ import annotations

from core.view.pareto import COSTS, Point, front, points
from core.view.report.charts import Charts
from core.view.report.content import Chart, Part
from core.view.report.material import DRAWN, ColumnRuns
from core.view.rows import short

TEXT = (
    "A mark is the mean of a row, its bar the range over its runs. "
    "The line joins the Pareto-optimal rows: no other row is both better and cheaper."
)


def costs(column: ColumnRuns, charts: Charts) -> Part | None:
    """The score against seconds and against parameters; None where no row has a finite score."""
    names = column.best(DRAWN)
    shown = []
    for cost, title in COSTS.items():
        found = points({name: column.rows[name] for name in names}, cost, column.column.minimize)
        if found:
            spec = charts.costs([point._asdict() for point in found], title, column.metric)
            alt = f"Best for their cost: {'; '.join(_described(point, cost) for point in front(found))}."
            shown.append(Chart(f"{column.metric.capitalize()} against {cost}", spec, alt, True))
    return Part("Score and cost", [TEXT], names, shown) if shown else None


def _described(point: Point, cost: str) -> str:
    at = short(point.x) if cost == "parameters" else f"{point.x:,.1f}"
    return f"{point.row} {point.y:,.2f} at {at} {cost}"
