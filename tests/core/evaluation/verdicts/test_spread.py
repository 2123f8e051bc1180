"""Variances of a difference over rows and seeds, against t tests, the analysis of variance and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.evaluation.verdicts.resampling import bootstrap
from core.evaluation.verdicts.spread import (
    LEVEL,
    POWER,
    Spread,
    over_rows,
    over_rows_and_seeds,
    over_rows_and_splits,
)
from core.row_sums import mean
from core.types import Float64s


def resampled(values: Float64s) -> Float64s:
    """Means of seeds on resampled rows: (R, S) -> (4000, S)."""
    return bootstrap(np.stack([values, np.ones_like(values)], axis=-1), mean, 4000)


def test_one_seed_has_the_interval_of_the_t_test_over_rows() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, (40, 1))
    spread, expected = over_rows(resampled(values), 40), stats.ttest_1samp(values[:, 0], 0)
    low, high = expected.confidence_interval(LEVEL)
    assert spread.margin == pytest.approx((high - low) / 2, rel=0.05)
    assert spread.p_value(values.mean()) == pytest.approx(expected.pvalue, rel=0.3)
    assert Spread(np.var(values, ddof=1) / 40, 39).p_value(values.mean()) == pytest.approx(expected.pvalue)


def test_rows_and_seeds_have_the_variances_of_the_analysis_of_variance() -> None:
    """Mean squares of a table of rows and seeds with one value per cell."""
    random, rows, seeds = np.random.default_rng(1), 60, 6
    values = (
        0.5 * random.normal(size=(rows, 1)) + 0.2 * random.normal(size=seeds) + random.normal(size=(rows, seeds))
    )
    by_row, by_seed = values.mean(1, keepdims=True), values.mean(0)
    row_square = seeds * np.var(by_row, ddof=1)
    seed_square = rows * np.var(by_seed, ddof=1)
    rest = ((values - by_row - by_seed + values.mean()) ** 2).sum() / ((rows - 1) * (seeds - 1))
    spread = over_rows_and_seeds(resampled(values), rows, by_seed)
    assert spread.rows == pytest.approx((row_square - rest) / (rows * seeds), rel=0.15)
    assert spread.seeds == pytest.approx(seed_square / (rows * seeds))
    assert spread.variance == pytest.approx((row_square + seed_square - rest) / (rows * seeds), rel=0.1)
    assert (spread.rows_freedom, spread.seeds_freedom) == (rows - 1, seeds - 1)


def test_degrees_of_freedom_are_satterthwaites() -> None:
    spread = Spread(3.0, 100, 2.0, 4)
    assert spread.freedom == pytest.approx(25 / (9 / 100 + 4 / 4))
    assert Spread(0.0, 100, 2.0, 4).freedom == 4 and Spread(2.0, 100).freedom == 100


def test_seeds_alone_have_the_p_value_of_the_t_test() -> None:
    differences = np.array([0.3, 0.1, 0.5, 0.2, 0.05])
    spread = Spread(0.0, 1000, np.var(differences, ddof=1) / 5, 4)
    assert spread.p_value(differences.mean()) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)
    assert spread.p_value(-differences.mean()) == spread.p_value(differences.mean())


def test_p_values_of_rows_and_seeds_are_tails_of_the_sum_of_two_t() -> None:
    random = np.random.default_rng(2)
    for rows, seeds in [(1.0, 1.0), (4.0, 0.5), (0.2, 3.0)]:
        draws = np.sqrt(rows) * random.standard_t(150, 400_000) + np.sqrt(seeds) * random.standard_t(4, 400_000)
        spread = Spread(rows, 150, seeds, 4)
        for difference in (1.0, 3.0, 7.0):
            assert spread.p_value(difference) == pytest.approx(
                (np.abs(draws) >= difference).mean(), rel=0.1, abs=1e-4
            )


def test_the_detectable_difference_is_found_four_times_in_five() -> None:
    spread = Spread(0.0, 1000, 0.04, 4)
    shift, bound = spread.detectable(0.05) / 0.2, stats.t.ppf(0.975, 4)
    assert 1 - stats.nct.cdf(bound, 4, shift) == pytest.approx(POWER, abs=1e-4)
    many = Spread(0.25, 4000)
    shift, bound = many.detectable(0.001) / 0.5, stats.t.ppf(0.9995, 4000)
    assert 1 - stats.nct.cdf(bound, 4000, shift) == pytest.approx(POWER, abs=1e-4)
    random = np.random.default_rng(0)
    seeds = spread.detectable(0.05) + 0.2 * np.sqrt(5) * random.normal(size=(20_000, 5))
    assert (stats.ttest_1samp(seeds, 0, axis=1).pvalue <= 0.05).mean() == pytest.approx(POWER, abs=0.015)


def test_a_difference_without_variance_is_certain() -> None:
    assert Spread(0.0, 5).p_value(0.1) == 0 and Spread(0.0, 5).p_value(0) == 1 and Spread(0.0, 5).margin == 0
    assert Spread(0.0, 5).detectable(0.05) == 0


def test_far_tails_are_not_too_confident_where_satterthwaites_t_is() -> None:
    """Nothing differs, 5 seeds, variances of 1 from the rows and 3 from the seeds: p-values below 0.001."""
    random, tables, level = np.random.default_rng(0), 100_000, 0.001
    differences, seeds = 2 * random.normal(size=tables), 3 * random.chisquare(4, tables) / 4
    variance = 1 + seeds
    freedom = variance**2 / (1 / 2000 + seeds**2 / 4)
    satterthwaite = 2 * stats.t.sf(np.abs(differences) / np.sqrt(variance), freedom)
    assert (satterthwaite <= level).mean() > 3 * level
    possible = np.flatnonzero(satterthwaite <= 2 * level)  # no smaller p-value belongs to a larger one
    found = np.array([Spread(1.0, 2000, seeds[i], 4).p_value(differences[i]) for i in possible])
    assert (found >= satterthwaite[possible] * 0.999).all()
    assert (found <= level).sum() / tables <= 1.2 * level


def test_on_given_splits_the_variance_over_seeds_is_pooled() -> None:
    """Two splits with 3 and 2 seeds; rows that say the same for all seeds of a split."""
    differences, split = np.array([1.0, 2.0, 6.0, 3.0, 5.0]), np.array([0, 0, 0, 1, 1])
    rows = np.random.default_rng(0).normal(size=(4000, 1)) * np.ones(5)
    spread = over_rows_and_seeds(rows, 10**9, differences, split)
    pooled = (14 + 2) / (2 + 1)  # sums of squares and degrees of freedom
    assert spread.seeds == pytest.approx(pooled * (1 / 3 + 1 / 2) / 4) and spread.seeds_freedom == 3
    assert spread.rows == pytest.approx(1, rel=0.1)


def test_splits_have_what_their_common_rows_make_alike_besides_the_variance_of_their_means() -> None:
    """Means of rows that are in several splits: the covariance is that of the rows that two splits share."""
    random, total, size, splits = np.random.default_rng(0), 400, 100, 5
    member = np.stack([random.permutation(total) < size for _ in range(splits)], axis=1)  # (R, P)
    values = random.normal(size=(total, 1)) * member
    resampled = bootstrap(np.stack([values, member.astype(np.float64)], axis=-1), mean, 4000)
    differences = values.sum(0) / size
    spread = over_rows_and_splits(resampled, total, differences)
    shared = [(member[:, a] & member[:, b]).sum() for a in range(splits) for b in range(a)]
    assert spread.rows == pytest.approx(np.mean(shared) / size**2, rel=0.25)  # variance 1 per row
    assert spread.seeds == pytest.approx(np.var(differences, ddof=1) / splits) and spread.seeds_freedom == 4


def test_a_cautious_interval_has_the_differences_that_are_not_significant() -> None:
    for rows, seeds, freedom in [(1.0, 1.0, 4), (0.01, 1.0, 4), (100.0, 1.0, 4), (3.0, 1.0, 9)]:
        spread = Spread(rows, 300, seeds, freedom, cautious=True)
        assert spread.p_value(spread.margin) == pytest.approx(1 - LEVEL, rel=1e-4)
        assert spread.margin >= 0.999 * Spread(rows, 300, seeds, freedom).margin
    assert Spread(0.0, 300, 1.0, 4, cautious=True).margin == pytest.approx(stats.t.ppf(0.975, 4))
    assert Spread(0.0, 5, cautious=True).margin == 0
