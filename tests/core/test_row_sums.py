"""Scores from sums over rows, against the metrics themselves on resampled rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.evaluation import metrics
from core.row_sums import (
    RowSums,
    bits,
    error,
    label_counts,
    loss,
    macro_f1,
    mean,
    per_row,
    percent,
    perplexity,
    pseudo_values,
)

LENGTHS = np.array([3, 0, 2, 4, 1])
OWNER = np.repeat(np.arange(5), LENGTHS)


def test_the_values_of_each_row_are_summed_also_where_it_has_none() -> None:
    assert per_row(np.arange(10.0), LENGTHS).tolist() == [3, 0, 7, 26, 9]
    assert per_row(np.zeros(0), np.array([0, 0])).tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_resampled_rows_have_the_metrics_of_their_events(seed: int) -> None:
    random = np.random.default_rng(seed)
    gold, predicted, log_prob = random.integers(0, 4, 10), random.integers(0, 4, 10), -random.exponential(2, 10)
    weights = random.multinomial(5, np.full(5, 0.2))
    events = np.repeat(np.arange(10), weights[OWNER])
    labels = weights @ label_counts(gold, predicted, LENGTHS, 4)
    right = weights @ np.stack([per_row(gold == predicted, LENGTHS), LENGTHS], -1)
    logs = weights @ np.stack([per_row(log_prob, LENGTHS), LENGTHS], -1)
    assert macro_f1(labels) == pytest.approx(metrics.macro_f1(gold[events], predicted[events]))
    assert percent(right) == pytest.approx(metrics.accuracy(gold[events], predicted[events]))
    assert error(right) == pytest.approx(np.mean(gold[events] != predicted[events]))
    assert perplexity(logs) == pytest.approx(metrics.perplexity(log_prob[events]))
    assert bits(logs) == pytest.approx(metrics.bits(log_prob[events]))
    assert loss(logs) == pytest.approx(-log_prob[events].mean())


def test_the_pseudo_values_of_a_mean_are_the_values() -> None:
    values = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    sums = pseudo_values(lambda kept: float(values[kept].mean()), 8)
    assert sums.values[:, 0] == pytest.approx(values) and sums.score == pytest.approx(values.mean())


def test_the_pseudo_values_of_a_correlation_have_its_standard_error() -> None:
    """Against the standard deviation of the correlation over new samples."""
    random = np.random.default_rng(0)
    errors, scores = [], []
    for _ in range(200):
        first = random.normal(size=150)
        second = first + random.normal(size=150)

        def score(kept: np.ndarray, a: np.ndarray = first, b: np.ndarray = second) -> float:
            return float(spearmanr(a[kept], b[kept]).statistic)

        if len(errors) < 12:  # each takes 100 correlations
            sums = pseudo_values(score, 150)
            assert sums.score == pytest.approx(score(np.ones(150, dtype=bool))) and sums.values.shape == (100, 2)
            errors.append(np.std(sums.values[:, 0], ddof=1) / 10)
        scores.append(score(np.ones(150, dtype=bool)))
    assert np.mean(errors) == pytest.approx(np.std(scores), rel=0.15)


def test_the_score_is_the_formula_of_all_rows() -> None:
    assert RowSums(np.array([[1.0, 2], [2, 2]]), mean).score == 0.75
