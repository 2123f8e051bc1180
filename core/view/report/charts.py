"""The charts of the page, as specifications of Vega-Lite; made by Altair, drawn by Vega in the browser.

Colors are CSS variables of the page, so that they follow light, dark and paper. A row of a table has the same
color and shape in all charts. Names are values of data and never fields or expressions, so nothing
in them is obeyed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from core.printable import finite, one_line
from core.view.pareto import WIDE
from core.view.report.content import Spec
from core.view.row_labels import LONGEST

if TYPE_CHECKING:
    import altair

COLORS = 8  # of the CSS variables --series-0, --series-1, ...
SHAPES = ("circle", "square", "triangle-up", "diamond")
MARKS = "●■▲◆"  # the same as letters, for the key
DASHES = ([1, 0], [5, 3], [2, 2], [8, 2, 2, 2])
HEIGHT, LINE = 260, 22  # of a chart, and of a row of one, in pixels
HALF, NUMBERED = 0.35, 15  # the share from which text is light; the most labels whose squares have numbers
LETTER = 9  # the most pixels of a letter of a label, on average
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
CONFIG: Spec = {  # of all charts
    "background": None,
    "font": FONT,
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--rule)",
        "tickColor": "var(--rule)",
        "gridColor": "var(--grid)",
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 150,
        "tickCount": 5,
    },
    "text": {"fill": "var(--ink)", "fontSize": 12},
}

Data = Sequence[dict[str, Any]]
Places = Mapping[str, int]  # name of a row -> its number, which is its color


class Charts:
    """Makes charts in which each row of the tables has one color and shape.

    Args:
        names: the rows of all tables of the page; neighbors have colors and shapes that differ most.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.places: Places = {name: number for number, name in enumerate(dict.fromkeys(map(one_line, names)))}
        self.shown: Mapping[str, str] = {}

    def labelled(self, labels: Mapping[str, str]) -> Charts:
        """The same colors and shapes with other texts: name of a row -> what the charts call it."""
        found = copy(self)
        found.shown = {one_line(name): label for name, label in labels.items()}
        return found

    def label(self, name: str) -> str:
        """What the charts call a row."""
        return self.shown.get(one_line(name), one_line(name))

    def mark(self, name: str) -> tuple[str, int]:
        """The letter and the number of the color of a row."""
        place = self.places[one_line(name)]
        return MARKS[_shape(place)], place % COLORS

    def curves(self, points: Data, x: str, metric: str) -> Spec:
        """A line per row with a band around it.

        Args:
            points: ``row``, ``x``, ``y``, ``low`` and ``high``; a band is drawn where the two differ.
            x: the title of the axis of x, of whole numbers.
            metric: that of y.
        """
        import altair as alt

        axis = alt.Axis(values=_ticks(points), format="d")
        across = alt.X("x:Q", title=x, axis=axis, scale=alt.Scale(zero=False, nice=False))
        up = alt.Y("y:Q", title=metric, scale=score_scale(points, "y"))
        band = self.chart(points).mark_area(opacity=0.18).encode(across, alt.Y("low:Q"), alt.Y2("high:Q"))
        line = self.chart(points).mark_line(strokeWidth=2)
        line = line.encode(across, up, self.color(points), strokeDash=self._dash(points))
        dots = self.chart(points).mark_point(filled=True, size=28, opacity=1)
        dots = dots.encode(across, up, **self.series(points), tooltip=tooltips(row="", x=x, y=metric))
        return as_spec(alt.layer(band.encode(self.color(points, "fill")), line, dots))

    def groups(self, points: Data, names: Sequence[str], title: str, measure: str) -> Spec:
        """A line per row over ordered groups of events; ``points``: ``row``, ``group`` and ``y``."""
        import altair as alt

        axis = alt.Axis(labelAngle=-35 if max(map(len, names)) * len(names) > 40 else 0)
        x = alt.X("group:O", title=title, sort=list(names), axis=axis, scale=alt.Scale(padding=0.3))
        y = alt.Y("y:Q", title=measure, scale=score_scale(points, "y"))
        line = self.chart(points).mark_line(strokeWidth=1.5)
        line = line.encode(x, y, self.color(points), strokeDash=self._dash(points))
        dots = self.chart(points).mark_point(filled=True, size=45, opacity=1)
        dots = dots.encode(x, y, **self.series(points), tooltip=tooltips(row="", group=title, y=measure))
        return as_spec(alt.layer(line, dots))

    def labels(self, points: Data, names: Sequence[str], measure: str) -> Spec:
        """A line of dots per label; ``points``: ``row``, ``label`` and ``y``."""
        import altair as alt

        y = alt.Y("label:N", title=None, sort=list(names), axis=alt.Axis(grid=True, ticks=False, domain=False))
        x = alt.X("y:Q", title=measure, scale=alt.Scale(zero=False))
        dots = self.chart(points).mark_point(filled=True, size=55, opacity=0.9)
        shown = dots.encode(x, y, **self.series(points), tooltip=tooltips(row="", label="label", y=measure))
        return as_spec(shown, height=LINE * len(names) + 10)

    def intervals(self, points: Data, names: Sequence[str], title: str) -> Spec:
        """A row per name with an interval and a dot; ``points``: ``row``, ``x``, ``low`` and ``high``."""
        import altair as alt

        y = alt.Y("row:N", title=None, sort=list(map(self.label, names)), axis=_row_axis())
        low, high = alt.X("low:Q", title=title, scale=alt.Scale(zero=True)), alt.X2("high:Q")
        bars = self.chart(points).mark_rule(strokeWidth=3, opacity=0.55).encode(low, high, y, self.color(points))
        dots = self.chart(points).mark_point(filled=True, size=80, opacity=1)
        tooltip = tooltips(row="", x=title, low="from", high="to")
        zero = self.chart([{"x": 0}]).mark_rule(color="var(--soft)", strokeDash=[3, 3]).encode(x="x:Q")
        chart = alt.layer(zero, bars, dots.encode(alt.X("x:Q"), y, **self.series(points), tooltip=tooltip))
        return as_spec(chart, height=LINE * len(names) + 10)

    def ranks(self, points: Data, names: Sequence[str]) -> Spec:
        """A bar per row from its best to its worst rank; ``points``: ``row``, ``low``, ``high``, ``letters``."""
        import altair as alt

        y = alt.Y("row:N", title=None, sort=list(map(self.label, names)), axis=_row_axis())
        axis = alt.Axis(values=list(range(1, len(names) + 1)), format="d")
        scale = alt.Scale(domain=[0.6, len(names) + 0.9], nice=False, zero=False)
        low, high = alt.X("low:Q", title="rank", scale=scale, axis=axis), alt.X2("high:Q")
        bars = self.chart(points).mark_rule(strokeWidth=5, strokeCap="round", opacity=0.6)
        ends = self.chart(points).mark_point(filled=True, size=60, opacity=1)
        tooltip = tooltips(row="", low="best rank", high="worst rank")
        ends = ends.encode(low, y, **self.series(points), tooltip=tooltip)
        last = self.chart(points).mark_text(align="left", dx=8).encode(alt.X("high:Q"), y, text="letters:N")
        return as_spec(
            alt.layer(bars.encode(low, high, y, self.color(points)), ends, last), height=LINE * len(names) + 10
        )

    def heat(self, cells: Data, names: Sequence[str]) -> Spec:
        """A square per pair of labels, darker where it is more of its line.

        Args:
            cells: ``right``, ``predicted``, ``events`` and ``share``, of the events with the true label, 0 to 1.
            names: the labels in order.
        """
        import altair as alt

        x = alt.X(
            "predicted:N", sort=list(names), title="predicted label", axis=alt.Axis(labelAngle=-45, grid=False)
        )
        y = alt.Y("right:N", sort=list(names), title="true label", axis=alt.Axis(grid=False))
        opacity = alt.Opacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0.04, 1]), legend=None)
        tooltip = tooltips(
            right="true label", predicted="predicted label", events="events", share="share of the line"
        )
        squares = self.chart(cells).mark_rect(fill="var(--heat)").encode(x, y, opacity, tooltip=tooltip)
        dark = alt.datum.share > HALF
        color = alt.condition(dark, alt.value("var(--paper)"), alt.value("var(--ink)"))
        shown = [cell | {"text": f"{100 * cell['share']:.0f}"} for cell in cells if len(names) <= NUMBERED]
        numbers = self.chart(shown).mark_text(fontSize=10).encode(x, y, text="text:N", fill=color)
        return as_spec(alt.layer(squares, numbers), height=max(120, LINE * len(names)))

    def trials(self, points: Data, x: str, metric: str) -> Spec:
        """The scores of trials as dots; ``points``: ``row``, ``x`` and ``y``."""
        import altair as alt

        across = alt.X("x:Q", title=x, axis=alt.Axis(values=_ticks(points), format="d"))
        up = alt.Y("y:Q", title=metric, scale=score_scale(points, "y"))
        dots = self.chart(points).mark_point(filled=True, size=40, opacity=0.8)
        return as_spec(dots.encode(across, up, **self.series(points), tooltip=tooltips(row="", x=x, y=metric)))

    def parallel(self, lines: Data, keys: Sequence[str]) -> Spec:
        """A line per trial over options.

        Args:
            lines: ``trial``, ``key``, ``place`` (0 to 1), ``value``, ``score`` and ``goodness`` (0 to 1).
            keys: the options in order.
        """
        import altair as alt

        x = alt.X("key:N", title=None, sort=list(keys), axis=alt.Axis(labelAngle=-25, grid=True))
        y = alt.Y("place:Q", title="lowest to highest value", axis=alt.Axis(labels=False, ticks=False, grid=False))
        opacity = alt.Opacity("goodness:Q", scale=alt.Scale(type="pow", exponent=3, range=[0.06, 1]), legend=None)
        tooltip = tooltips(trial="trial", key="option", value="value", score="score on dev")
        chart = self.chart(lines)
        line = chart.mark_line(color="var(--heat)", strokeWidth=1.5).encode(x, y, opacity, detail="trial:N")
        dots = chart.mark_point(color="var(--heat)", filled=True, size=25).encode(x, y, opacity, tooltip=tooltip)
        return as_spec(alt.layer(line, dots))

    def chart(self, rows: Data) -> altair.Chart:
        """A chart of some data, in which ``row`` becomes the label of the row, and ``name`` its name."""
        import altair as alt

        plain = [
            {key: finite(value) for key, value in row.items()}
            | ({"row": self.label(row["row"]), "name": row["row"]} if "row" in row else {})
            for row in rows
        ]
        return alt.Chart(alt.InlineData(values=plain))

    def series(self, points: Data) -> dict[str, Any]:
        """Color and shape of the rows."""
        import altair as alt

        labels, places = self._rows(points)
        shapes = [SHAPES[_shape(place)] for place in places]
        shape = alt.Shape("row:N", scale=alt.Scale(domain=labels, range=shapes), legend=None)
        return {"color": self.color(points), "shape": shape}

    def color(self, points: Data, channel: str = "color", legend: Any = None) -> Any:
        """Color, or fill, of the rows."""
        import altair as alt

        labels, places = self._rows(points)
        colors = [f"var(--series-{place % COLORS})" for place in places]
        made = alt.Fill if channel == "fill" else alt.Color
        return made("row:N", scale=alt.Scale(domain=labels, range=colors), legend=legend)

    def _dash(self, points: Data) -> Any:
        import altair as alt

        labels, places = self._rows(points)
        dashes = [DASHES[place // COLORS % len(DASHES)] for place in places]
        return alt.StrokeDash("row:N", scale=alt.Scale(domain=labels, range=dashes), legend=None)

    def _rows(self, points: Data) -> tuple[list[str], list[int]]:
        """The labels and the places of the rows of some data."""
        names = list(dict.fromkeys(point["row"] for point in points))
        return [self.label(name) for name in names], [self.places[name] for name in names]


def _shape(place: int) -> int:
    """The number of the shape of a row; that of the next row, and of the next one in its color, differs."""
    return (place + place // COLORS) % len(SHAPES)


def score_scale(points: Data, key: str) -> altair.Scale:
    """The scale of scores: logarithmic where they differ by much."""
    import altair as alt

    known = [point[key] for point in points if point[key] is not None and math.isfinite(point[key])]
    if known and min(known) > 0 and max(known) / min(known) > WIDE:
        return alt.Scale(type="log")
    return alt.Scale(zero=False)


def _ticks(points: Data) -> list[int]:
    """At most about six whole numbers of x."""
    values = sorted({int(point["x"]) for point in points})
    step = max(1, math.ceil((values[-1] - values[0]) / 6)) if values else 1
    return list(range(values[0], values[-1] + 1, step)) if values else []


def _row_axis() -> altair.Axis:
    """An axis of rows, whose labels are whole."""
    import altair as alt

    return alt.Axis(ticks=False, domain=False, labelLimit=LONGEST * LETTER)


def tooltips(**titles: str) -> list[Any]:
    """Fields with their headings, of a row its name; numbers as they are in tables."""
    import altair as alt

    texts = ("row", "group", "label", "right", "predicted", "key", "value")
    return [
        alt.Tooltip("name:N" if key == "row" else f"{key}:N", title=title or "row")
        if key in texts
        else alt.Tooltip(f"{key}:Q", title=title, format=",.4~f")
        for key, title in titles.items()
    ]


def as_spec(chart: Any, height: int = HEIGHT) -> Spec:
    """The specification of a chart as wide as its place, without what all share."""
    found: Spec = chart.properties(width="container", height=height).to_dict()
    for key in ("config", "$schema", "usermeta"):
        found.pop(key, None)
    return found
