"""P(A > B) and almost stochastic order, against other formulas, integration and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from core.evaluation.verdicts.seeds import epsilon_min, newcombe_interval, superiority, violation
from core.types import Float64s


def test_the_probability_counts_pairs_of_runs_and_half_of_the_ties() -> None:
    first, second = np.array([1.0, 2, 3, 4, 5]), np.array([0.0, 2, 2, 6, 1])
    found = superiority(first, second)
    assert found.probability == pytest.approx(mannwhitneyu(first, second).statistic / 25)
    assert superiority(first, first).probability == 0.5
    assert superiority(second, first).probability == pytest.approx(1 - found.probability)


@pytest.mark.parametrize(("p", "n", "m"), [(0.8, 5, 5), (0.5, 10, 10), (0.97, 5, 8), (1.0, 5, 5), (0.0, 6, 5)])
def test_the_interval_solves_the_score_equation_of_hanley_and_mcneil(p: float, n: int, m: int) -> None:
    low, high = newcombe_interval(p, n, m)
    for bound in (low, high):
        first, second = bound / (2 - bound), 2 * bound**2 / (1 + bound)
        extra = (n + m) / 2 - 1
        variance = bound * (1 - bound) + extra * (first - bound**2) + extra * (second - bound**2)
        assert abs(p - bound) == pytest.approx(norm.ppf(0.975) * np.sqrt(variance / (n * m)), abs=1e-6)
    assert low <= p <= high and (low < high)


def test_the_interval_holds_about_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(0), []
    true = norm.cdf(1 / np.sqrt(2))  # of two normal methods one deviation apart
    for _ in range(600):
        first, second = random.normal(1, 1, 5), random.normal(0, 1, 5)
        probability = float((first[:, None] > second).mean())
        low, high = newcombe_interval(probability, 5, 5)
        held.append(low <= true <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.035)


def by_integration(first: Float64s, second: Float64s) -> float:
    """The violation by quantiles on a fine grid, as in the definition."""
    grid = (np.arange(60_000) + 0.5) / 60_000
    gaps = np.quantile(second, grid, method="inverted_cdf") - np.quantile(first, grid, method="inverted_cdf")
    return float((np.maximum(gaps, 0) ** 2).sum() / (gaps**2).sum())


def test_the_violation_of_stochastic_order_is_the_integral_of_the_definition() -> None:
    random = np.random.default_rng(0)
    for n, m in [(5, 5), (5, 7), (10, 4)]:
        first, second = random.normal(0.5, 1, n), random.normal(0, 1, m)
        assert violation(first, second) == pytest.approx(by_integration(first, second), rel=1e-3)


def test_the_violation_by_hand() -> None:
    """Sorted 1, 2, 6 and 0, 3, 4: gaps -1, 1, -2, so 1 of 6."""
    assert violation(np.array([2.0, 6, 1]), np.array([0.0, 3, 4])) == pytest.approx(1 / 6)
    assert violation(np.array([2.0]), np.array([1.0])) == 0 and violation(np.array([1.0]), np.array([2.0])) == 1
    assert violation(np.array([1.0, 2]), np.array([2.0, 1])) == 0.5


def test_epsilon_min_is_0_for_a_method_that_always_wins_and_near_1_for_one_that_loses() -> None:
    better, worse = np.array([5.0, 6, 7, 8, 9]), np.array([0.0, 1, 2, 3, 4])
    assert epsilon_min(better, worse) == 0 and epsilon_min(worse, better) == 1
    random = np.random.default_rng(0)
    close = random.normal(0, 1, 10)
    assert epsilon_min(close + random.normal(0, 0.1, 10), close) > 0.2
    assert epsilon_min(better, worse + 4.5) == epsilon_min(better, worse + 4.5)  # the same each time


def test_epsilon_min_is_an_upper_bound_of_the_violation() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        first, second = random.normal(0.4, 1, 6), random.normal(0, 1, 6)
        assert epsilon_min(first, second) >= float(violation(first, second))
