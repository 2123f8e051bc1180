"""Metrics against hand-computed values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.evaluation import metrics


def test_perplexity_of_a_uniform_guess_is_the_number_of_answers() -> None:
    assert metrics.perplexity(np.full(10, -math.log(7.0))) == pytest.approx(7.0)


def test_perplexity_with_an_impossible_event_is_infinite() -> None:
    assert metrics.perplexity(np.array([-1.0, -np.inf])) == math.inf


def test_bits_are_the_binary_logarithm_of_the_perplexity() -> None:
    log_prob = np.log(np.array([0.5, 0.25, 0.125]))
    assert metrics.bits(log_prob) == pytest.approx(2.0)
    assert 2 ** metrics.bits(log_prob) == pytest.approx(metrics.perplexity(log_prob))


def test_accuracy_counts_only_the_events_asked_for() -> None:
    gold, predicted = np.array([1, 2, 3, 4]), np.array([1, 2, 0, 0])
    assert metrics.accuracy(gold, predicted) == 50.0
    assert metrics.accuracy(gold, predicted, np.array([True, False, True, False])) == 50.0
    assert metrics.accuracy(gold, predicted, np.array([False, False, True, True])) == 0.0
    assert math.isnan(metrics.accuracy(gold, predicted, np.zeros(4, dtype=bool)))


def test_macro_f1_is_the_mean_over_labels_true_or_predicted() -> None:
    # label 0: precision 1/2, recall 1, F1 2/3; label 1: 1, 1/2, 2/3; label 2: predicted once, never true, 0
    gold, predicted = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 2])
    by_hand = {0: 2 * 1 / (2 + 2), 1: 2 * 1 / (1 + 2), 2: 0.0}
    assert metrics.macro_f1(gold, predicted) == pytest.approx(100 * sum(by_hand.values()) / 3)


def test_per_label_gives_precision_recall_and_f1() -> None:
    gold, predicted = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1])
    assert metrics.per_label(gold, predicted)[1] == pytest.approx((100 / 3, 100.0, 50.0))


def test_confusion_counts_each_true_label_by_each_predicted_one() -> None:
    gold, predicted = np.array([0, 0, 2, 2, 2], dtype=np.int32), np.array([0, 1, 2, 2, 0], dtype=np.int32)
    assert metrics.confusion(gold, predicted, 3).tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 2]]


def test_confusion_of_no_event_is_all_zero() -> None:
    nothing = np.array([], dtype=np.int32)
    assert metrics.confusion(nothing, nothing, 2).tolist() == [[0, 0], [0, 0]]


def test_whole_rows_counts_rows_without_a_mistake_and_an_empty_row_is_right() -> None:
    right = np.array([True, True, False, True])
    assert metrics.whole_rows(right, np.array([2, 0, 2])) == pytest.approx(200 / 3)


def correlation_of_mean_ranks(gold: np.ndarray, predicted: np.ndarray) -> float:
    """Pearson's correlation of the ranks, equal values sharing the mean of theirs."""
    ranks = [
        [sum(v < x for v in values) + sum(v == x for v in values) / 2 for x in values]
        for values in (gold, predicted)
    ]
    return 100 * float(np.corrcoef(ranks)[0, 1])


def test_spearman_is_the_correlation_of_mean_ranks() -> None:
    random = np.random.default_rng(0)
    for size in (3, 10, 30):
        for _ in range(10):
            gold, predicted = random.integers(0, 6, size) / 6, random.integers(0, 9, size) / 9
            if len(set(gold)) > 1 and len(set(predicted)) > 1:
                expected = correlation_of_mean_ranks(gold, predicted)
                assert metrics.spearman(gold, predicted) == pytest.approx(expected, abs=1e-9)
    # ranks 1 2 3 4 and 1.5 1.5 3 4: covariance 4.5, variances 5 and 4.5
    assert metrics.spearman(np.arange(4), np.array([0, 0, 1, 2])) == pytest.approx(100 * 4.5 / math.sqrt(5 * 4.5))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ([], [], 0),
        ([1], [2], 0),
        ([1, 2], [3, 3], 0),
        ([5, 5, 5], [1, 2, 3], 0),
        ([1, 2], [4, 9], 100),
        ([1, 2], [9, 4], -100),
    ],
)
def test_spearman_of_too_few_or_constant_values(
    gold: list[float], predicted: list[float], expected: float
) -> None:
    assert metrics.spearman(np.array(gold), np.array(predicted)) == pytest.approx(expected)
