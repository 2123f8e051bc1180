"""Scores against what they cost: which rows no other one beats in both."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from core.printable import one_line
from core.runs.result import Result
from core.view.label_places import Spot, domain, fraction

COSTS = {"seconds": "seconds of reading, training and predicting", "parameters": "parameters"}  # key -> title
LEAST = math.log(1.5)  # the least distance of the ends of a logarithmic axis
WIDE = 20.0  # the ratio of scores from which their axis is logarithmic

Ends = tuple[float, float]


class Point(NamedTuple):
    """A row of a table.

    Args:
        row: its name, on one line.
        x: its mean cost.
        y: its mean score.
        low: the lowest score of its runs.
        high: the highest one.
        front: whether no other row is as good and as cheap, and better in one of the two.
    """

    row: str
    x: float
    y: float
    low: float
    high: float
    front: bool = False


def points(rows: Mapping[str, Sequence[Result]], cost: str, minimize: bool) -> list[Point]:
    """The rows with finite scores and a cost above 0.

    Args:
        rows: name of the row -> its runs.
        cost: a key of ``COSTS``.
        minimize: whether a lower score is better.
    """
    found = []
    for name, runs in rows.items():
        scores, x = [run.score for run in runs], fmean(run.cost.get(cost, math.nan) for run in runs)
        if x > 0 and all(map(math.isfinite, [x, *scores])):
            found.append(Point(one_line(name), x, fmean(scores), min(scores), max(scores)))
    sign = 1 if minimize else -1
    losses = [(point.x, sign * point.y) for point in found]
    return [
        point._replace(front=not any(_dominates(other, own) for other in losses))
        for point, own in zip(found, losses, strict=True)
    ]


def front(found: Sequence[Point]) -> list[Point]:
    """The points of the front, the cheapest first."""
    return sorted((point for point in found if point.front), key=lambda point: point.x)


def cost_ends(found: Sequence[Point]) -> Ends:
    """The ends of the logarithmic axis of costs."""
    return domain([point.x for point in found], True, LEAST)


def score_ends(found: Sequence[Point]) -> tuple[Ends, bool]:
    """The ends of the axis of scores, and whether it is logarithmic: where they differ by much."""
    values = [value for point in found for value in (point.low, point.high)]
    is_log = min(values) > 0 and max(values) / min(values) > WIDE
    return domain(values, is_log, LEAST if is_log else max(map(abs, values)) / 100 or 1.0), is_log


def spots(found: Sequence[Point], labels: Sequence[str], across: Ends, up: Ends, is_log: bool) -> list[Spot]:
    """The points in a picture whose axes have these ends; those of the front come in order."""
    places = []
    for point, label in zip(found, labels, strict=True):
        y, low, high = (fraction(value, up, is_log) for value in (point.y, point.low, point.high))
        places.append(Spot(label, fraction(point.x, across, True), y, low, high, point.front))
    return places


def _dominates(first: tuple[float, float], second: tuple[float, float]) -> bool:
    return first != second and first[0] <= second[0] and first[1] <= second[1]
