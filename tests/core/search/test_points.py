"""A trial is a function of the seed of the search and its number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, qmc

from core.search.points import active, sobol_point, trial_options
from core.search.space import Dimension, Space

SPACE: Space = (
    Dimension("size", low=32, high=512, log=True, is_whole=True),
    Dimension("layers", choices=(1, 2)),
    Dimension("dropout", low=0, high=0.6, when=("layers", (2,))),
    Dimension("order", low=1, high=5, is_whole=True),
)


def test_points_are_those_of_scipys_sequence() -> None:
    expected = qmc.Sobol(3, scramble=True, seed=np.random.default_rng(7)).random(16)
    assert np.array_equal([sobol_point(7, number, 3) for number in range(16)], expected)


def test_trials_do_not_depend_on_those_before_them() -> None:
    forwards = [trial_options(1, number, SPACE, {}) for number in range(20)]
    backwards = [trial_options(1, number, SPACE, {}) for number in reversed(range(20))]
    assert forwards == backwards[::-1]
    assert forwards[0] == {} and len({repr(options) for options in forwards}) == 20
    assert forwards[1:] != [trial_options(2, number, SPACE, {}) for number in range(1, 20)]


def test_an_option_is_left_out_where_another_one_switches_it_off() -> None:
    drawn = [trial_options(1, number, SPACE, {}) for number in range(1, 33)]
    assert {options["layers"] for options in drawn} == {1, 2}
    assert all(("dropout" in options) == (options["layers"] == 2) for options in drawn)
    alone = SPACE[2:3]  # the other option is fixed, so its own value counts
    assert active({"dropout": 0.1}, alone, {"layers": 2}) == {"dropout": 0.1}
    assert active({"dropout": 0.1}, alone, {"layers": 1}) == {}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whole_numbers_and_choices_are_drawn_equally_often(seed: int) -> None:
    drawn = [trial_options(seed, number, SPACE, {}) for number in range(1, 257)]
    for key, values in (("order", range(1, 6)), ("layers", (1, 2))):
        counts = [sum(options[key] == value for options in drawn) for value in values]
        assert sum(counts) == 256 and max(counts) - min(counts) <= 2, f"{key}: {counts}"


@pytest.mark.parametrize("seed", [1, 2])
def test_logarithms_are_drawn_evenly(seed: int) -> None:
    sizes = [trial_options(seed, number, SPACE, {})["size"] for number in range(1, 257)]
    octaves = [sum(low <= size < 2 * low for size in sizes) for low in (32, 64, 128, 256)]
    assert chisquare(octaves).pvalue > 0.9, octaves  # far more even than random numbers
    assert min(sizes) >= 32 and max(sizes) <= 512
