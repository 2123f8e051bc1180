"""The search for sizes, compared with all sizes that one factor gives."""

from typing import Annotated

import pytest
from annotated_types import Gt, Le, MultipleOf

from core.config.options import Option
from core.config.sizes import nearest_size
from core.config.space import Size
from core.experiment.size_search import CLOSE, TOLERANCE, SizeSearch

ANY = Annotated[int, Gt(0), Size()]


def searched(count, start, target, **annotations):
    options = {key: Option(key, annotations.get(key, ANY), value, "x:Y") for key, value in start.items()}
    search = SizeSearch(count, options, start, target)
    return *search.run(), search


def lstm(sizes):
    """The parameters of a table of 50 words, an LSTM and a map to 7 labels."""
    d, h = sizes["dim"], sizes["hidden"]
    return 50 * d + 4 * h * (d + h + 2) + 7 * (h + 1)


START = {"dim": 20, "hidden": 30}


def by_brute_force(count, start, target):
    """The least distance from the target over all sizes that one factor gives."""
    factors = (1.002**power for power in range(-3_500, 3_500))
    scaled = {tuple(nearest_size(Option("", ANY, 1, ""), v * f) for v in start.values()) for f in factors}
    return min(abs(count(dict(zip(start, values, strict=True))) - target) / target for values in scaled)


@pytest.mark.parametrize("target", [300, 1_000, 2_345, 10_000, 77_777, 1_000_000, 10_000_000])
def test_no_other_factor_comes_much_nearer(target):
    sizes, count, _ = searched(lstm, START, target)
    assert count == lstm(sizes)
    least, own = by_brute_force(lstm, START, target), abs(count - target) / target
    assert own <= max(least, CLOSE) and (own <= TOLERANCE or target == 300)


def test_both_sizes_grow_by_one_factor():
    sizes, _, _ = searched(lstm, START, 1_000_000)
    factors = [sizes[key] / START[key] for key in START]
    assert factors[0] == pytest.approx(factors[1], rel=0.02) and factors[0] > 1


def test_few_networks_are_counted():
    counted = []
    for target in (2_000, 50_000, 3_000_000):
        searched(lambda sizes: counted.append(sizes) or lstm(sizes), START, target)
    assert len(counted) <= 3 * 16


def test_one_size_alone_takes_up_what_a_coarse_step_leaves():
    """5 and 5 give 8 % too few, 6 and 6 give 10 % too many: the finer size takes up the rest."""

    def count(sizes):
        return 1_000 * sizes["dim"] + 100 * sizes["hidden"]

    sizes, found, _ = searched(count, {"dim": 100, "hidden": 100}, 6_000)
    assert abs(found - 6_000) <= TOLERANCE * 6_000 and count(sizes) == found and sizes["dim"] == 5


def test_steps_and_bounds_are_kept_and_what_they_exclude_is_not_reached():
    coarse = {
        "hidden": Annotated[int, Gt(0), MultipleOf(16), Size()],
        "dim": Annotated[int, Gt(0), Le(24), Size()],
    }
    start = {"dim": 20, "hidden": 32}
    sizes, found, _ = searched(lstm, start, 100_000, **coarse)
    assert sizes["hidden"] % 16 == 0 and sizes["dim"] <= 24 and abs(found - 100_000) < TOLERANCE * 100_000
    bounded = {key: Annotated[int, Gt(0), Le(24), Size()] for key in start}
    sizes, found, _ = searched(lstm, {"dim": 20, "hidden": 20}, 100_000, **bounded)
    assert sizes == {"dim": 24, "hidden": 24} and found == lstm(sizes)


def test_below_the_smallest_sizes_these_are_the_nearest():
    sizes, found, _ = searched(lstm, START, 50)
    assert sizes == {"dim": 1, "hidden": 1} and found == lstm(sizes)


def test_a_size_that_changes_nothing_keeps_its_value():
    sizes, _, search = searched(lstm, START | {"unused": 25}, 1_000_000)
    assert sizes["unused"] == 25 and set(search.options) == set(START)


def test_without_open_sizes_the_number_stays():
    assert searched(lambda sizes: 77, {}, 100)[:2] == ({}, 77)
