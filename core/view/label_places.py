"""Where the names of points are written: inside the picture, and covering neither each other nor a mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

LETTER, LINE = 0.56, 1.15  # the mean width of a letter and the height of a line, in sizes of the font
GAP = 8.0  # from the middle of a mark to its name
MARGIN = 0.1  # of an axis, at both ends
END = 2.0  # from the end of a bar to its name


class Spot(NamedTuple):
    """A point with a bar: fractions of the picture, from the left and from the bottom.

    Args:
        text: its name.
        x: where it is.
        y: where its mark is.
        low: the lower end of its bar.
        high: the upper one.
        joined: whether a line of steps joins it with the next one that is joined, to the right.
    """

    text: str
    x: float
    y: float
    low: float
    high: float
    joined: bool = False


class Place(NamedTuple):
    """Where a name is written.

    Args:
        align: which end of the name is at the point.
        end: from which end of the bar it is moved, or from the mark.
        dx: how far to the right, in pixels.
        dy: how far the middle of the name is moved up, in pixels.
    """

    align: Literal["left", "center", "right"]
    end: Literal["y", "high", "low"]
    dx: float
    dy: float


Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels


def place_names(
    spots: Sequence[Spot], width: float, height: float, size: float, wide: Sequence[float] | None = None
) -> list[Place | None]:
    """The place of each name; None where there is none. Earlier spots choose first.

    Args:
        spots: the points.
        width: of the picture, in pixels; in a wider one the names do not overlap either.
        height: of the picture.
        size: of the font, in pixels.
        wide: the width of each name, in pixels; None: about as many letters as it has.
    """
    line = _line([(spot.x * width, spot.y * height) for spot in spots if spot.joined])
    taken: list[Box] = []
    for spot in spots:
        x, y = spot.x * width, spot.y * height
        taken += [(x - 5, y - 5, x + 5, y + 5), (x - 1, spot.low * height, x + 1, spot.high * height)]
    found: list[Place | None] = []
    for number, spot in enumerate(spots):
        long = len(spot.text) * size * LETTER if wide is None else wide[number]
        boxes = {place: _box(spot, place, width, height, (long, size * LINE)) for place in _places(size)}
        boxes = {place: box for place, box in boxes.items() if _inside(box, width, height) and _free(box, taken)}
        beside = [place for place, box in boxes.items() if _free(box, line)]
        across = list(boxes) if spot.joined else []  # a name on the line is better than none
        chosen = next(iter([*beside, *across]), None)
        taken += [boxes[chosen]] if chosen else []
        found.append(chosen)
    return found


def _line(points: Sequence[tuple[float, float]]) -> list[Box]:
    """A line that goes to the right and then up or down, as boxes."""
    found: list[Box] = []
    for (x, y), (next_x, next_y) in pairwise(points):
        found.append((x, y - 1, next_x, y + 1))
        found.append((next_x - 1, min(y, next_y), next_x + 1, max(y, next_y)))
    return found


def _places(size: float) -> list[Place]:
    """The places of a name, the best first."""
    up = size * LINE / 2
    above, below = END + up, -END - up
    return [
        Place("center", "high", 0, max(above, GAP + 1)),
        Place("left", "y", GAP, 0),
        Place("right", "y", -GAP, 0),
        Place("center", "low", 0, min(below, -GAP - 1)),
        *(Place("left", "y", GAP - 2, dy) for dy in (GAP, -GAP)),
        *(Place("right", "y", 2 - GAP, dy) for dy in (GAP, -GAP)),
    ]


def _box(spot: Spot, place: Place, width: float, height: float, name: tuple[float, float]) -> Box:
    wide, high = name
    x = spot.x * width + place.dx
    y = {"y": spot.y, "high": spot.high, "low": spot.low}[place.end] * height + place.dy
    left = x - {"left": 0.0, "center": wide / 2, "right": wide}[place.align]
    return left, y - high / 2, left + wide, y + high / 2


def _free(box: Box, taken: Sequence[Box]) -> bool:
    return not any(_overlap(box, other) for other in taken)


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _overlap(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def domain(values: Sequence[float], is_log: bool, least: float) -> tuple[float, float]:
    """The ends of an axis: the values and a margin.

    Args:
        values: finite ones, above 0 for a logarithmic axis.
        is_log: whether the axis is logarithmic.
        least: the least distance of the ends, as a difference or, of a logarithmic axis, as a logarithm.
    """
    shown = [math.log(value) for value in values] if is_log else list(values)
    low, high = min(shown), max(shown)
    more = max((least - (high - low)) / 2, 0.0)
    margin = more + MARGIN * max(high - low, least)
    ends = low - margin, high + margin
    return (math.exp(ends[0]), math.exp(ends[1])) if is_log else ends


def fraction(value: float, ends: tuple[float, float], is_log: bool) -> float:
    """Where a value is on an axis, from 0 to 1."""
    low, high, at = (math.log(number) for number in (*ends, value)) if is_log else (*ends, value)
    return (at - low) / (high - low)
