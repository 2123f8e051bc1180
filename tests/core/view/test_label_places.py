"""Where the names of points are written."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from core.view.label_places import LETTER, LINE, Spot, _box, _inside, _overlap, domain, fraction, place_names


def _spots(number: int, seed: int) -> list[Spot]:
    random = Random(seed)
    heights = [random.uniform(0.1, 0.9) for _ in range(number)]
    return [Spot(f"name {i}", random.uniform(0.05, 0.95), y, y - 0.04, y + 0.04) for i, y in enumerate(heights)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("wider", [1, 2])
def test_names_stay_inside_and_cover_neither_each_other_nor_a_mark(seed: int, wider: int) -> None:
    spots, size = _spots(12, seed), 12
    places = place_names(spots, 270, 260, size)
    boxes = [
        _box(spot, place, 270 * wider, 260, (len(spot.text) * size * LETTER, size * LINE))
        for spot, place in zip(spots, places, strict=True)
        if place
    ]
    assert len(boxes) > 6
    assert all(_inside(box, 270 * wider, 260) for box in boxes)
    assert not any(_overlap(first, second) for first, second in combinations(boxes, 2))


def test_two_points_at_the_ends_are_both_named() -> None:
    spots = [Spot("first", 0.08, 0.9, 0.88, 0.92), Spot("second", 0.92, 0.1, 0.1, 0.1)]
    assert None not in place_names(spots, 270, 260, 12)


def test_a_name_that_is_wider_than_the_picture_has_no_place() -> None:
    assert place_names([Spot("long" * 50, 0.5, 0.5, 0.5, 0.5)], 270, 260, 12) == [None]


@pytest.mark.parametrize("is_log", [False, True])
def test_the_ends_of_an_axis_are_beyond_the_values(is_log: bool) -> None:
    for values in ([2.0, 80.0], [5.0]):
        ends = domain(values, is_log, 0.5)
        places = [fraction(value, ends, is_log) for value in values]
        assert all(0.05 < place < 0.95 for place in places) and fraction(ends[1], ends, is_log) == 1
