"""The score against an option that the rows differ in, such as the order of n-grams or the training rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.errors import SeqlabError
from core.runs import keys
from core.view.plots.lines import Line, Point
from core.view.plots.metric import Comparison, compare, described, is_sized, title_of_x
from core.view.report.charts import COLORS, Charts, Data, as_spec, score_scale, tooltips
from core.view.report.content import Chart, Grid, Part, Spec, Value, count, number
from core.view.report.material import SPLIT, ColumnRuns
from core.view.rows import NAMING

LEAST, CHARTS, MOST = 3, 4, 150  # the least values of an option, the most options, the most points of a line
TEXT = (
    "A line joins rows that differ in nothing but this option; it is the mean over seeds, the band their range. "
    "Options with three values or more are shown."
)


def options(column: ColumnRuns, charts: Charts) -> Part | None:
    """The score against each option of which some rows have three numbers or more, the rest being equal."""
    shown, grids = [], []
    for found in _comparisons(column)[:CHARTS]:
        names = [line.name for line in found.lines]
        points = [
            {"row": line.name, "x": point.x, "y": point.y, "low": point.low, "high": point.high}
            for line in found.lines
            for point in line.points
        ]
        spec = _spec(Charts(names), points, found, column.metric)
        shown.append(Chart(f"{column.metric.capitalize()} against {found.x}", spec, described(found), True))
        rows = [
            [Value(line.name), number(point.x, 4), number(point.y), number(point.low), number(point.high)]
            + [count(point.number)]
            for line in found.lines
            for point in line.points
        ]
        grids.append(Grid(found.x, ["line", found.x, column.metric, "lowest", "highest", "runs"], rows))
    return Part("By option", [TEXT], shown, folded={"Numbers": grids}) if shown else None


def _spec(charts: Charts, points: Data, found: Comparison, metric: str) -> Spec:
    """A line per name with a band around it, and a key of the names below."""
    import altair as alt

    scale = alt.Scale(type="log", nice=False) if is_sized(found) else alt.Scale(zero=False)
    x = alt.X("x:Q", title=title_of_x(found.x), scale=scale, axis=alt.Axis(labelOverlap=True))
    y = alt.Y("y:Q", title=metric, scale=score_scale(points, "y"))
    text: Any = {"labelLimit": 300, "labelColor": "var(--soft)", "labelFontSize": 12}
    key = alt.Legend(title=None, orient="bottom", columns=2, symbolOpacity=1, **text)
    color = charts.color(points, legend=key)
    band = charts.chart(points).mark_area(opacity=0.18).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), color)
    line = charts.chart(points).mark_line(strokeWidth=2).encode(x, y, color)
    dots = charts.chart(points).mark_point(filled=True, size=45, opacity=1)
    dots = dots.encode(x, y, color, tooltip=tooltips(row="", x=found.x, y=metric))
    return as_spec(alt.layer(band, line, dots))


def _some(points: Sequence[Point]) -> Sequence[Point]:
    """At most about ``MOST`` points of a line, the last one included."""
    step = max(1, math.ceil(len(points) / MOST))
    return [*points[:-1:step], *points[-1:]]


def _comparisons(column: ColumnRuns) -> list[Comparison]:
    """The options with a line of three points or more; of many lines those with the most points."""
    runs = [run for own in column.rows.values() for run in own]
    names = dict.fromkeys(key for run in runs for key in run.config if key.startswith(NAMING))
    found = []
    for key in names:
        values = {keys.number(run.config.get(key)) for run in runs} - {None}
        if len(values) < LEAST:
            continue
        try:
            one = compare(runs, None, SPLIT, key, (), "range")
        except SeqlabError:  # such as runs that no option distinguishes
            continue
        long = [line for line in one.lines if len(line.points) >= LEAST]
        lines = [Line(line.name, _some(line.points)) for line in sorted(long, key=lambda line: -len(line.points))]
        if lines and one.categories is None:
            found.append(Comparison(one.metric, key, None, lines[:COLORS], one.notes, one.runs))
    return found
