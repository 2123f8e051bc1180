"""Which candidates dev separates, from hand-made scores of rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.counting.separation import p_values, separated, simplest

RANDOM = np.random.default_rng(3)
BASE = RANDOM.normal(size=200)


def choose(*columns):
    return simplest([np.array(c, dtype=float) for c in columns], [float(np.mean(c)) for c in columns])


def test_a_p_value_is_the_share_of_exchanges_with_as_large_a_sum():
    differences = np.array([[3.0], [1.0], [-1.0], [2.0], [2.0], [0.5], [-0.5], [1.5]])
    sums = [float(np.dot(signs, differences[:, 0])) for signs in product([-1, 1], repeat=8)]
    exact = np.mean([total >= differences.sum() - 1e-9 for total in sums])
    assert p_values(differences)[0] == pytest.approx(exact, abs=0.01)


def test_the_correction_is_for_the_luckiest_of_all_candidates():
    differences = np.random.default_rng(0).normal(size=(60, 8))
    scaled = differences / np.sqrt((differences**2).sum(0))
    random = np.random.default_rng(99)
    largest = [(random.choice([-1, 1], 60) @ scaled).max() for _ in range(4000)]
    expected = [np.mean(np.array(largest) >= total) for total in scaled.sum(0)]
    np.testing.assert_allclose(p_values(differences), expected, atol=0.04)
    assert p_values(differences)[0] > p_values(differences[:, :1])[0]


def test_copies_of_a_candidate_do_not_count_again():
    one = RANDOM.normal(0.2, 1, size=(100, 1))
    np.testing.assert_allclose(p_values(np.repeat(one, 30, axis=1)), p_values(one)[0])


def test_a_separated_candidate_is_chosen_and_noise_is_not():
    noise = RANDOM.normal(size=(200, 20)) * 0.5
    noise -= noise.mean(0) - RANDOM.uniform(-0.02, 0.02, 20)  # no better than chance
    better = BASE + 0.3 + 0.1 * RANDOM.normal(size=200)
    assert choose(BASE, *(BASE + column for column in noise.T)) == 0
    assert choose(BASE, *(BASE + column for column in noise.T), better) == 21


def test_of_separated_candidates_that_are_equally_good_the_first_is_chosen():
    wave = np.resize([0.1, -0.1], 200)
    first, second, best = BASE + 0.3, BASE + 0.3 + wave, BASE + 0.9
    assert choose(BASE, first, second) == 1
    assert choose(BASE, second, first) == 1
    assert choose(BASE, first, best, second) == 2


def test_equal_candidates_and_a_single_one():
    assert choose(BASE, BASE, BASE) == 0
    assert choose(BASE) == 0


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows_separate_nothing(rows):
    values = [np.zeros(rows), np.ones(rows)]
    assert simplest(values, [0.0, 1.0] if rows else [-np.inf, -np.inf]) == 0


def test_a_score_that_is_not_finite_is_worse_than_all_that_are():
    values = [np.zeros(0), BASE, BASE + 1]
    assert separated(values, [-np.inf, 0.0, 1.0], 0) == [1, 2]
    assert simplest(values, [-np.inf, 0.0, 1.0]) == 2
    assert simplest(values, [-np.inf, -np.inf, -np.inf]) == 0


def test_rounding_errors_are_no_differences():
    one_row = np.zeros(50)
    one_row[0] = 1
    assert simplest([np.zeros(50), one_row + 1e-15], [0.0, 0.02]) == 0
