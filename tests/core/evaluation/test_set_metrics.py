"""Metrics of sets of labels, equal to scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation import set_metrics
from core.row_sums import RowSums, macro_f1, micro_f1, with_width
from core.types import Bools


def drawn(seed: int, rows: int = 40, labels: int = 5) -> tuple[Bools, Bools]:
    random = np.random.default_rng(seed)
    shares = random.random(labels) * 0.6
    return random.random((rows, labels)) < shares, random.random((rows, labels)) < shares


@pytest.mark.parametrize("seed", range(8))
def test_all_metrics_are_those_of_scikit_learn(seed: int) -> None:
    sklearn = pytest.importorskip("sklearn.metrics", reason="a reference of the extra compare")
    gold, predicted = drawn(seed, rows=(40, 3)[seed % 2])
    scores = {
        set_metrics.micro_f1: sklearn.f1_score(gold, predicted, average="micro", zero_division=0),
        set_metrics.macro_f1: sklearn.f1_score(gold, predicted, average="macro", zero_division=np.nan),
        set_metrics.subset_accuracy: sklearn.accuracy_score(gold, predicted),
        set_metrics.hamming_loss: sklearn.hamming_loss(gold, predicted),
    }
    for metric, expected in scores.items():
        assert metric(gold, predicted) == pytest.approx(100 * expected), metric


def test_by_hand() -> None:
    gold = np.array([[1, 1], [0, 0], [0, 1]], dtype=bool)
    predicted = np.array([[1, 0], [0, 0], [1, 1]], dtype=bool)
    # 2 right of 3 true and 3 predicted; label 1: 1 of 1 and 2, label 2: 1 of 2 and 1
    assert set_metrics.micro_f1(gold, predicted) == pytest.approx(200 / 3)
    assert set_metrics.macro_f1(gold, predicted) == pytest.approx(200 / 3)
    assert set_metrics.subset_accuracy(gold, predicted) == pytest.approx(100 / 3)
    assert set_metrics.hamming_loss(gold, predicted) == pytest.approx(100 * 2 / 6)
    table = set_metrics.set_table("labels", gold, predicted, ["a", "b"])
    assert table.rows[0] == ("a", 1, 2, 50.0, 100.0, pytest.approx(200 / 3))


def test_without_any_label_the_f1_is_zero() -> None:
    nothing = np.zeros((3, 2), dtype=bool)
    assert set_metrics.micro_f1(nothing, nothing) == 0 and set_metrics.subset_accuracy(nothing, nothing) == 100


@pytest.mark.parametrize("formula", [micro_f1, macro_f1])
def test_labels_that_never_occur_do_not_change_a_score_of_sums(formula) -> None:
    gold, predicted = drawn(1)
    sums = RowSums(np.concatenate([gold & predicted, gold, predicted], axis=1).astype(float), formula)
    wider = with_width(sums, 3 * 8)
    assert wider is not None and wider.values.shape == (40, 24)
    assert (
        wider.score
        == pytest.approx(sums.score)
        == pytest.approx(getattr(set_metrics, formula.__name__)(gold, predicted))
    )
