"""Scores against what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.view.label_places import Place, place_names
from core.view.pareto import COSTS, Point, cost_ends, front, points, score_ends, spots
from core.view.report.charts import HEIGHT, Charts, as_spec, tooltips
from core.view.report.content import Chart, Part, Spec
from core.view.report.material import DRAWN, ColumnRuns
from core.view.rows import short

TEXT = (
    "A mark is the mean of a row, its bar the range over its runs; the seconds are those of reading, training and "
    "predicting. "
    "The line joins the Pareto-optimal rows: no other row is both better and cheaper. "
    "Names are left out where they would cover something."
)
NARROW, FONT = 270, 12  # the width of a picture on a phone, and the size of names, in pixels


def costs(column: ColumnRuns, charts: Charts) -> Part | None:
    """The score against seconds and against parameters; None where no row has a finite score."""
    shown = []
    for cost in COSTS:
        rows = {name: column.rows[name] for name in column.best(DRAWN)}
        if found := points(rows, cost, column.column.minimize):
            spec = _spec(charts, found, f"{cost} (log scale)", column.metric)
            alt = f"Best for their cost: {'; '.join(_described(point, cost) for point in front(found))}."
            shown.append(Chart(f"{column.metric.capitalize()} against {cost}", spec, alt, True))
    return Part("Score and cost", [TEXT], shown) if shown else None


def _described(point: Point, cost: str) -> str:
    at = short(point.x) if cost == "parameters" else f"{point.x:,.1f}"
    return f"{point.row} {point.y:,.2f} at {at} {cost}"


def _spec(charts: Charts, found: Sequence[Point], cost: str, metric: str) -> Spec:
    """Scores against a cost on a logarithmic axis, with the names of the rows."""
    import altair as alt

    data = [point._asdict() for point in found]
    across, (up, is_log) = cost_ends(found), score_ends(found)
    scale = alt.Scale(type="log", nice=False, domain=across)
    x = alt.X("x:Q", title=cost, scale=scale, axis=alt.Axis(format="~s", grid=False, labelOverlap=True))
    y = alt.Y("y:Q", title=metric, scale=alt.Scale(type="log" if is_log else "linear", nice=False, domain=up))
    line = charts.chart([point._asdict() for point in front(found)])
    line = line.mark_line(interpolate="step-after", color="var(--rule)", strokeWidth=1.5).encode(x, y)
    bars = charts.chart(data).mark_rule(opacity=0.5).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"))
    dots = charts.chart(data).mark_point(filled=True, size=80, opacity=1)
    dots = dots.encode(x, y, **charts.series(data), tooltip=tooltips(row="", x=cost, y=metric))
    ordered = sorted(found, key=lambda point: (not point.front, point.x))
    labels = [charts.label(point.row) for point in ordered]
    places = place_names(spots(ordered, labels, across, up, is_log), NARROW, HEIGHT, FONT)
    return as_spec(alt.layer(line, bars.encode(charts.color(data)), dots, *_named(charts, ordered, places, x)))


def _named(charts: Charts, found: Sequence[Point], places: Sequence[Place | None], x: Any) -> list[Any]:
    """One layer per place with the names that are there."""
    import altair as alt

    layers = []
    for place in dict.fromkeys(place for place in places if place):
        own = [point._asdict() for point, other in zip(found, places, strict=True) if other == place]
        text = charts.chart(own).mark_text(align=place.align, baseline="middle", dx=place.dx, dy=-place.dy)
        layers.append(text.encode(x, alt.Y(f"{place.end}:Q"), text="row:N"))
    return layers
