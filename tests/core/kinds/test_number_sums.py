"""Scores of numbers from sums over rows, compared with SciPy and with the metrics themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.evaluation import metrics, number_metrics
from core.kinds.number_sums import mae, mse, number_sums, pearson, rmse
from core.row_sums import RowSums


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_sums_of_any_rows_give_their_scores(offset: float) -> None:
    random = np.random.default_rng(0)
    gold = offset + random.normal(size=50)
    predicted = gold + random.normal(size=50)
    for rows in (np.arange(50), random.integers(0, 50, 200), np.arange(7)):
        own, given = gold[rows], predicted[rows]
        sums = number_sums(gold - offset, predicted - offset)[rows].sum(0)
        assert rmse(sums) == pytest.approx(np.sqrt(np.mean((own - given) ** 2)))
        assert mse(sums) == pytest.approx(np.mean((own - given) ** 2))
        assert mae(sums) == pytest.approx(np.mean(np.abs(own - given)))
        assert pearson(sums) == pytest.approx(100 * stats.pearsonr(own, given).statistic)
        assert number_metrics.pearson(own, given) == pytest.approx(100 * stats.pearsonr(own, given).statistic)


def test_constant_sides_have_no_correlation_and_it_counts_as_zero() -> None:
    gold, constant = np.array([0.1, 0.2, 0.7]), np.full(3, 1 / 3)
    for sides in ((gold, constant), (constant, gold), (constant, constant)):
        assert pearson(number_sums(*sides).sum(0)) == 0 == number_metrics.pearson(*sides)
        assert metrics.spearman(*sides) == 0
    assert np.isnan(number_metrics.pearson(gold[:0], gold[:0]))


def test_ranks_with_ties_are_those_of_scipy() -> None:
    random = np.random.default_rng(1)
    gold, predicted = random.integers(0, 4, 60).astype(float), random.integers(0, 4, 60).astype(float)
    ranks = stats.rankdata(gold), stats.rankdata(predicted)  # ties have their mean rank
    expected = 100 * np.corrcoef(*ranks)[0, 1]
    assert metrics.spearman(gold, predicted) == pytest.approx(expected)


def test_pseudo_values_have_about_the_score_as_their_mean() -> None:
    random = np.random.default_rng(2)
    gold = random.normal(size=300)
    sums = RowSums(number_sums(gold, gold + random.normal(size=300)), rmse)
    assert sums.pseudo_values().mean() == pytest.approx(sums.score, rel=0.01)


def test_errors_are_listed_by_ranges_of_the_right_number() -> None:
    gold = np.array([1.0, 1, 1, 2, 3, 4, 5, 6, 7, 8])
    table = number_metrics.range_table("ranges", gold, gold + np.where(gold == 1, 2, 0))
    assert table.rows == [
        ("1", 3, 1.0, 3.0, 2.0, 2.0),
        ("2", 1, 2.0, 2.0, 0.0, 0.0),
        ("3 to 4", 2, 3.5, 3.5, 0.0, 0.0),
        ("5 to 6", 2, 5.5, 5.5, 0.0, 0.0),
        ("7 to 8", 2, 7.5, 7.5, 0.0, 0.0),
    ]
