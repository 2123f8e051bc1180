"""The classifier is scikit-learn's on the same features; its probabilities are those of its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from plugins.models.linear.classifier import Settings, calibrate, log_probs, train_classifier
from plugins.models.linear.weighting import log_count_ratio

LOGISTIC = Settings("logistic", False, 1.0)


def data(classes: int, seed: int = 0, rows: int = 80) -> tuple[sparse.csr_matrix, np.ndarray]:
    random = np.random.default_rng(seed)
    gold = random.integers(0, classes, rows)
    dense = (random.random((rows, 3 * classes)) < 0.3) | (np.arange(3 * classes) % classes == gold[:, None])
    return sparse.csr_matrix(dense.astype(np.float32)), gold


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("balanced", [False, True])
def test_probabilities_are_those_of_scikit_learn(classes: int, balanced: bool) -> None:
    features, gold = data(classes)
    weights = train_classifier(features, gold, classes, 2.0, False, Settings("logistic", balanced, 1.0))
    solver = LogisticRegression(C=2.0, solver="liblinear", max_iter=1000)
    row_weights = len(gold) / (classes * np.bincount(gold)[gold]) if balanced else None
    if classes == 2:
        theirs = solver.fit(features, gold, sample_weight=row_weights).predict_proba(features)
    elif not balanced:
        theirs = OneVsRestClassifier(solver).fit(features, gold).predict_proba(features)
    else:
        own = [
            solver.fit(features, gold == c, sample_weight=row_weights).predict_proba(features) for c in range(4)
        ]
        theirs = np.stack([one[:, 1] for one in own], axis=1)
        theirs /= theirs.sum(axis=1, keepdims=True)
    found = np.exp(log_probs(weights.scores(features), "logistic", 1.0))
    np.testing.assert_allclose(found, theirs, rtol=1e-3, atol=1e-5)


def test_the_ratio_multiplies_the_features_and_becomes_part_of_the_weights() -> None:
    features, gold = data(2)
    ratio = log_count_ratio(features, gold == 1, 0.5)
    scaled = features.multiply(ratio).tocsr()
    theirs = LinearSVC(C=0.7, dual=False, max_iter=1000).fit(scaled, gold == 1).decision_function(scaled)
    weights = train_classifier(features, gold, 2, 0.7, True, Settings("hinge", False, 0.5))
    np.testing.assert_allclose(weights.scores(features)[:, 0], theirs, rtol=1e-3, atol=1e-4)


def test_one_class_is_sure_and_a_class_of_one_row_is_learned() -> None:
    features, gold = data(2)
    weights = train_classifier(features, np.zeros_like(gold), 1, 1.0, False, LOGISTIC)
    assert log_probs(weights.scores(features), "logistic", 1.0).tolist() == [[0.0]] * len(gold)
    own = sparse.csr_matrix(np.eye(5, dtype=np.float32) + np.eye(5, k=1, dtype=np.float32))
    for ratio in (False, True):
        one_each = train_classifier(own, np.arange(5), 5, 100.0, ratio, LOGISTIC)
        assert one_each.scores(own).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_factor_of_calibration_gives_dev_the_highest_probability(classes: int) -> None:
    random = np.random.default_rng(0)
    gold = random.integers(0, classes, 200)
    scores = random.normal(size=(200, classes if classes > 2 else 1))
    scores += np.eye(classes)[gold] if classes > 2 else (gold * 2 - 1)[:, None]
    known = calibrate(scores, gold)
    grid = np.linspace(known / 2, known * 2, 301)
    losses = [-log_probs(scores, "hinge", scale)[np.arange(200), gold].mean() for scale in grid]
    assert grid[int(np.argmin(losses))] == pytest.approx(known, rel=0.02)
    unseen = np.where(np.arange(200) % 50 == 0, classes, gold)  # a class that training lacks
    assert 0.5 < calibrate(scores, unseen) / known < 2
