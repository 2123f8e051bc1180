"""The charts of the page, as specifications of Vega-Lite; made by Altair, drawn by Vega in the browser.

Colors are CSS variables of the page, so that they follow light, dark and paper. A row of a table has the same
color and shape in all charts. Names are values of data and never fields or expressions, so nothing
in them is obeyed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.printable import finite, one_line
from core.view.report.content import Spec

if TYPE_CHECKING:
    import altair

COLORS = 8  # of the CSS variables --series-0, --series-1, ...
SHAPES = ("circle", "square", "triangle-up", "diamond")
MARKS = "●■▲◆"  # the same as letters, for the key
DASHES = ([1, 0], [5, 3], [2, 2], [8, 2, 2, 2])
HEIGHT, LINE = 260, 22  # of a chart, and of a row of one, in pixels
HALF, NUMBERED = 0.35, 15  # the share from which text is light; the most labels whose squares have numbers
WIDE = 20.0  # the ratio of scores from which their axis is logarithmic
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
        names: the rows of all tables of the page.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.places: Places = {name: number for number, name in enumerate(dict.fromkeys(map(one_line, names)))}

    def mark(self, name: str) -> tuple[str, int]:
        """The letter and the number of the color of a row."""
        place = self.places[one_line(name)]
        return MARKS[place // COLORS % len(MARKS)], place % COLORS

    def costs(self, points: Data, cost: str, metric: str) -> Spec:
        """Scores against a cost.

        Args:
            points: ``row``, ``x``, ``y``, ``low``, ``high`` and ``front``, whether no other is better and cheaper.
            cost: the title of the axis of x, which is logarithmic.
            metric: that of y.
        """
        import altair as alt

        front = sorted((point for point in points if point["front"]), key=lambda point: point["x"])
        x = alt.X("x:Q", title=cost, scale=alt.Scale(type="log", nice=False, padding=24), axis=_log_axis())
        y = alt.Y("y:Q", title=metric, scale=_scale(points, "y"))
        line = self._chart(front).mark_line(interpolate="step-after", color="var(--rule)", strokeWidth=1.5)
        dots = self._chart(points).mark_point(filled=True, size=80, opacity=1)
        dots = dots.encode(x, y, **self._series(points), tooltip=_tooltip(row="", x=cost, y=metric))
        names = self._chart(front).mark_text(align="center", dy=-12).encode(x, y, text="row:N")
        bars = self._chart(points).mark_rule(opacity=0.5).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"))
        return _spec(alt.layer(line.encode(x, y), bars.encode(self._color(points)), dots, names))

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
        up = alt.Y("y:Q", title=metric, scale=_scale(points, "y"))
        band = self._chart(points).mark_area(opacity=0.18).encode(across, alt.Y("low:Q"), alt.Y2("high:Q"))
        line = self._chart(points).mark_line(strokeWidth=2)
        line = line.encode(across, up, self._color(points), strokeDash=self._dash(points))
        dots = self._chart(points).mark_point(filled=True, size=28, opacity=1)
        dots = dots.encode(across, up, **self._series(points), tooltip=_tooltip(row="", x=x, y=metric))
        return _spec(alt.layer(band.encode(self._color(points, "fill")), line, dots))

    def groups(self, points: Data, names: Sequence[str], title: str, measure: str) -> Spec:
        """A line per row over ordered groups of events; ``points``: ``row``, ``group`` and ``y``."""
        import altair as alt

        axis = alt.Axis(labelAngle=-35 if max(map(len, names)) * len(names) > 40 else 0)
        x = alt.X("group:O", title=title, sort=list(names), axis=axis, scale=alt.Scale(padding=0.3))
        y = alt.Y("y:Q", title=measure, scale=_scale(points, "y"))
        line = self._chart(points).mark_line(strokeWidth=1.5)
        line = line.encode(x, y, self._color(points), strokeDash=self._dash(points))
        dots = self._chart(points).mark_point(filled=True, size=45, opacity=1)
        dots = dots.encode(x, y, **self._series(points), tooltip=_tooltip(row="", group=title, y=measure))
        return _spec(alt.layer(line, dots))

    def labels(self, points: Data, names: Sequence[str], measure: str) -> Spec:
        """A line of dots per label; ``points``: ``row``, ``label`` and ``y``."""
        import altair as alt

        y = alt.Y("label:N", title=None, sort=list(names), axis=alt.Axis(grid=True, ticks=False, domain=False))
        x = alt.X("y:Q", title=measure, scale=alt.Scale(zero=False))
        dots = self._chart(points).mark_point(filled=True, size=55, opacity=0.9)
        shown = dots.encode(x, y, **self._series(points), tooltip=_tooltip(row="", label="label", y=measure))
        return _spec(shown, height=LINE * len(names) + 10)

    def intervals(self, points: Data, names: Sequence[str], title: str) -> Spec:
        """A row per name with an interval and a dot; ``points``: ``row``, ``x``, ``low`` and ``high``."""
        import altair as alt

        y = alt.Y("row:N", title=None, sort=list(names), axis=alt.Axis(ticks=False, domain=False))
        low, high = alt.X("low:Q", title=title, scale=alt.Scale(zero=True)), alt.X2("high:Q")
        bars = self._chart(points).mark_rule(strokeWidth=3, opacity=0.55).encode(low, high, y, self._color(points))
        dots = self._chart(points).mark_point(filled=True, size=80, opacity=1)
        tooltip = _tooltip(row="", x=title, low="from", high="to")
        zero = self._chart([{"x": 0}]).mark_rule(color="var(--soft)", strokeDash=[3, 3]).encode(x="x:Q")
        chart = alt.layer(zero, bars, dots.encode(alt.X("x:Q"), y, **self._series(points), tooltip=tooltip))
        return _spec(chart, height=LINE * len(names) + 10)

    def ranks(self, points: Data, names: Sequence[str]) -> Spec:
        """A bar per row from its best to its worst rank; ``points``: ``row``, ``low``, ``high``, ``letters``."""
        import altair as alt

        y = alt.Y("row:N", title=None, sort=list(names), axis=alt.Axis(ticks=False, domain=False))
        axis = alt.Axis(values=list(range(1, len(names) + 1)), format="d")
        scale = alt.Scale(domain=[0.6, len(names) + 0.9], nice=False, zero=False)
        low, high = alt.X("low:Q", title="rank", scale=scale, axis=axis), alt.X2("high:Q")
        bars = self._chart(points).mark_rule(strokeWidth=5, strokeCap="round", opacity=0.6)
        ends = self._chart(points).mark_point(filled=True, size=60, opacity=1)
        tooltip = _tooltip(row="", low="best rank", high="worst rank")
        ends = ends.encode(low, y, **self._series(points), tooltip=tooltip)
        last = self._chart(points).mark_text(align="left", dx=8).encode(alt.X("high:Q"), y, text="letters:N")
        return _spec(
            alt.layer(bars.encode(low, high, y, self._color(points)), ends, last), height=LINE * len(names) + 10
        )

    def heat(self, cells: Data, names: Sequence[str]) -> Spec:
        """A square per pair of labels, darker where it is more of its line.

        Args:
            cells: ``right``, ``predicted``, ``events`` and ``share``, of the events with the true label, 0 to 1.
            names: the labels in order.
        """
        import altair as alt

        x = alt.X("predicted:N", sort=list(names), title="predicted label", axis=alt.Axis(labelAngle=-45, grid=False))
        y = alt.Y("right:N", sort=list(names), title="true label", axis=alt.Axis(grid=False))
        opacity = alt.Opacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0.04, 1]), legend=None)
        tooltip = _tooltip(right="true label", predicted="predicted label", events="events", share="share of the line")
        squares = self._chart(cells).mark_rect(fill="var(--heat)").encode(x, y, opacity, tooltip=tooltip)
        dark = alt.datum.share > HALF
        color = alt.condition(dark, alt.value("var(--paper)"), alt.value("var(--ink)"))
        shown = [cell | {"text": f"{100 * cell['share']:.0f}"} for cell in cells if len(names) <= NUMBERED]
        numbers = self._chart(shown).mark_text(fontSize=10).encode(x, y, text="text:N", fill=color)
        return _spec(alt.layer(squares, numbers), height=max(120, LINE * len(names)))

    def trials(self, points: Data, x: str, metric: str) -> Spec:
        """The scores of trials as dots; ``points``: ``row``, ``x`` and ``y``."""
        import altair as alt

        across = alt.X("x:Q", title=x, axis=alt.Axis(values=_ticks(points), format="d"))
        up = alt.Y("y:Q", title=metric, scale=_scale(points, "y"))
        dots = self._chart(points).mark_point(filled=True, size=40, opacity=0.8)
        return _spec(dots.encode(across, up, **self._series(points), tooltip=_tooltip(row="", x=x, y=metric)))

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
        tooltip = _tooltip(trial="trial", key="option", value="value", score="score on dev")
        chart = self._chart(lines)
        line = chart.mark_line(color="var(--heat)", strokeWidth=1.5).encode(x, y, opacity, detail="trial:N")
        dots = chart.mark_point(color="var(--heat)", filled=True, size=25).encode(x, y, opacity, tooltip=tooltip)
        return _spec(alt.layer(line, dots))

    def _chart(self, rows: Data) -> altair.Chart:
        import altair as alt

        plain = [{key: finite(value) for key, value in row.items()} for row in rows]
        return alt.Chart(alt.InlineData(values=plain))

    def _series(self, points: Data) -> dict[str, Any]:
        """Color and shape of the rows."""
        import altair as alt

        names = _names(points)
        shapes = [SHAPES[self.places[name] // COLORS % len(SHAPES)] for name in names]
        shape = alt.Shape("row:N", scale=alt.Scale(domain=names, range=shapes), legend=None)
        return {"color": self._color(points), "shape": shape}

    def _color(self, points: Data, channel: str = "color") -> Any:
        import altair as alt

        names = _names(points)
        colors = [f"var(--series-{self.places[name] % COLORS})" for name in names]
        made = alt.Fill if channel == "fill" else alt.Color
        return made("row:N", scale=alt.Scale(domain=names, range=colors), legend=None)

    def _dash(self, points: Data) -> Any:
        import altair as alt

        names = _names(points)
        dashes = [DASHES[self.places[name] // COLORS % len(DASHES)] for name in names]
        return alt.StrokeDash("row:N", scale=alt.Scale(domain=names, range=dashes), legend=None)


def _names(points: Data) -> list[str]:
    return list(dict.fromkeys(point["row"] for point in points))


def _scale(points: Data, key: str) -> altair.Scale:
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


def _log_axis() -> altair.Axis:
    import altair as alt

    return alt.Axis(format="~s", grid=False, labelOverlap=True)


def _tooltip(**titles: str) -> list[Any]:
    """Fields with their headings; numbers as they are in tables."""
    import altair as alt

    texts = ("row", "group", "label", "right", "predicted", "key", "value")
    return [
        alt.Tooltip(f"{key}:N", title=title or "row")
        if key in texts
        else alt.Tooltip(f"{key}:Q", title=title, format=",.4~f")
        for key, title in titles.items()
    ]


def _spec(chart: Any, height: int = HEIGHT) -> Spec:
    """The specification of a chart as wide as its place, without what all share."""
    found: Spec = chart.properties(width="container", height=height).to_dict()
    for key in ("config", "$schema", "usermeta"):
        found.pop(key, None)
    return found
