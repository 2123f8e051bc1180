"""Critical difference diagrams (Demšar, 2006): rows by mean rank, with bars over those that are not separated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.evaluation.verdicts.data_sets import Ranking
from core.printable import one_line
from core.view.figures import write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE, LINE = 10, 17  # of the text and of a line of text, in points: 1/72 inch
MARGIN, GAP = 12, 6  # around the picture, and between a line and its text
UNIT, NARROWEST = 44, 300  # points per rank, and of the narrowest axis
BAR = 9  # between bars
TICK = 5


class Place(NamedTuple):
    """Where the axis of a diagram is, in points; y is upwards."""

    left: float
    width: float
    y: float
    rows: int

    def x(self, rank: float) -> float:
        """The place of a rank."""
        return self.left + self.width * (rank - 1) / (self.rows - 1)


def write_diagram(rankings: Mapping[str, Ranking], path: Path) -> None:
    """Write one diagram per ranking, one below the other.

    Args:
        rankings: the title of each -> the ranking, of two rows or more.
        path: the picture, with an ending of ``core.view.figures.ENDINGS``.
    """
    texts = [described(title, ranking) for title, ranking in rankings.items()]
    write_figure(diagram(rankings), path, "; ".join(map(one_line, rankings)), " ".join(texts))


def described(title: str, ranking: Ranking) -> str:
    """The diagram in words."""
    rows = ", ".join(f"{one_line(n)} {r:.2f}" for n, r in zip(ranking.names, ranking.ranks, strict=True))
    groups = "; ".join(", ".join(map(one_line, group)) for group in ranking.groups())
    text = f"{one_line(title)}, mean ranks over {ranking.data_sets} data sets: {rows}."
    return f"{text} Critical difference: {ranking.critical_difference:.2f}. Not separated: {groups or 'none'}."


def diagram(rankings: Mapping[str, Ranking]) -> Figure:
    """One diagram per ranking as a figure, whose only axes are in points."""
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_axes((0, 0, 1, 1))
    names = [_label(n, r) for own in rankings.values() for n, r in zip(own.names, own.ranks, strict=True)]
    side = max(_text_width(figure, name) for name in names) + GAP
    titles = [_title(title, ranking) for title, ranking in rankings.items()]
    axis: float = max(NARROWEST, UNIT * (max(len(own.names) for own in rankings.values()) - 1))
    axis = max(axis, *(_text_width(figure, line) - 2 * side for lines in titles for line in lines))
    width, height = axis + 2 * (side + MARGIN), sum(map(_height, rankings.values())) + MARGIN
    figure.set_size_inches(width / 72, height / 72)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    top = height
    for lines, ranking in zip(titles, rankings.values(), strict=True):
        place = Place(MARGIN + side, axis, top - MARGIN - 5.5 * LINE, len(ranking.names))
        _draw_head(axes, place, top - MARGIN, lines, ranking)
        _draw_rows(axes, place, ranking)
        top -= _height(ranking)
    return figure


def _height(ranking: Ranking) -> float:
    return MARGIN + 6 * LINE + BAR * len(ranking.groups()) + LINE * math.ceil(len(ranking.names) / 2)


def _title(title: str, ranking: Ranking) -> list[str]:
    p = "< 0.001" if ranking.p < 0.001 else f"= {ranking.p:.3f}"
    return [one_line(title), f"mean ranks over {ranking.data_sets} data sets, Friedman's p {p}"]


def _label(name: str, rank: float) -> str:
    return f"{one_line(name)}  {rank:.2f}"


def _text_width(figure: Figure, text: str) -> float:
    """The width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=SIZE, prop=FontProperties()).get_extents().width) + 2


def _draw_head(axes: Axes, place: Place, top: float, title: Sequence[str], ranking: Ranking) -> None:
    """The title, the bar of the critical difference, and the axis with its numbers."""
    for number, line in enumerate(title):
        weight = "normal" if number else "bold"
        _text(axes, axes.get_xlim()[1] / 2, top - LINE * (number + 0.5), line, "center", weight)
    y, end = place.y + 1.9 * LINE, 1 + ranking.critical_difference
    _line(axes, [(place.x(1), y), (place.x(end), y)], 1.2)
    for rank in (1, end):
        _line(axes, [(place.x(rank), y - TICK / 2), (place.x(rank), y + TICK / 2)], 1.2)
    text = f"critical difference {ranking.critical_difference:.2f}"
    _text(axes, place.x(1), y + LINE * 0.7, text, "left")
    _line(axes, [(place.x(1), place.y), (place.x(place.rows), place.y)], 1.2)
    for rank in range(1, place.rows + 1):
        _line(axes, [(place.x(rank), place.y), (place.x(rank), place.y + TICK)], 1.2)
        _text(axes, place.x(rank), place.y + TICK + LINE / 2, str(rank), "center")


def _draw_rows(axes: Axes, place: Place, ranking: Ranking) -> None:
    """The better half of the rows on the left, the others on the right, and the bars between axis and names."""
    groups = ranking.groups()
    start = place.y - BAR * (len(groups) + 0.5) - LINE / 2
    size, half = place.rows, math.ceil(place.rows / 2)
    for row, (name, rank) in enumerate(zip(ranking.names, ranking.ranks, strict=True)):
        on_left = row < half
        y = start - LINE * (row if on_left else size - 1 - row)
        edge = place.x(1) if on_left else place.x(size)
        _line(axes, [(place.x(rank), place.y), (place.x(rank), y), (edge, y)], 0.8)
        text = _label(name, rank) if on_left else f"{rank:.2f}  {one_line(name)}"
        _text(axes, edge - GAP if on_left else edge + GAP, y, text, "right" if on_left else "left")
    for number, group in enumerate(groups):
        first, last = (ranking.ranks[ranking.names.index(name)] for name in (group[0], group[-1]))
        y = place.y - BAR * (number + 1)
        _line(axes, [(place.x(first) - 3, y), (place.x(last) + 3, y)], 4)


def _line(axes: Axes, points: Sequence[tuple[float, float]], width: float) -> None:
    axes.plot(*zip(*points, strict=True), color="black", linewidth=width, solid_capstyle="butt")


def _text(axes: Axes, x: float, y: float, text: str, side: str, weight: str = "normal") -> None:
    axes.text(x, y, text, ha=side, va="center_baseline", size=SIZE, weight=weight, parse_math=False)
