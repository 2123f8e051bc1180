"""The weights of Bayes' rule against finite differences and a grid, and the limits of few rows."""

from __future__ import annotations

import numpy as np
import pytest

from core.counting.log_linear import SHRINKAGE, combine, fit_weights, loss

START = np.array([1.0, 0.0, 0.5])


def case(rows=150, classes=4, seed=0):
    random = np.random.default_rng(seed)
    right = random.integers(0, classes, rows)
    parts = random.normal(size=(3, rows, classes)) * np.array([0.3, 4, 6])[:, None, None]
    parts[1, np.arange(rows), right] += 4
    parts[2, np.arange(rows), right] += 3
    return parts, right


def test_gradient_and_curvature_are_finite_differences():
    parts, right = case(20)
    at, step = np.array([0.7, 0.2, -0.3]), 1e-5
    _, slope, curvature = loss(parts, at, right)
    for j, direction in enumerate(np.eye(3) * step):
        ahead, behind = loss(parts, at + direction, right), loss(parts, at - direction, right)
        assert slope[j] == pytest.approx((ahead[0] - behind[0]) / (2 * step), rel=1e-6)
        np.testing.assert_allclose(curvature[j], (ahead[1] - behind[1]) / (2 * step), rtol=1e-5, atol=1e-6)


def test_with_two_classes_it_is_the_logistic_regression_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model", reason="a reference of the extra compare")
    parts, right = case(400, classes=2)
    start = np.full(3, 1e-9)  # no centre to shrink towards
    scale = np.sqrt(((parts - parts.mean(2, keepdims=True)) ** 2).mean((1, 2)))
    features = (parts[:, :, 1] - parts[:, :, 0]).T / scale  # (R, J)
    model = linear_model.LogisticRegression(C=1 / SHRINKAGE, fit_intercept=False, tol=1e-10).fit(features, right)
    np.testing.assert_allclose(fit_weights(parts, start, right) * scale, model.coef_[0], rtol=1e-4, atol=1e-5)


def test_no_change_of_the_weights_is_better():
    parts, right = case()
    found = fit_weights(parts, START, right)
    assert loss(parts, found, right)[0] < 0.8 * loss(parts, START, right)[0]
    assert np.abs(loss(parts, found, right)[1]).max() < 0.2 * np.abs(loss(parts, START, right)[1]).max()


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_leave_bayes_rule_nearly_alone(rows):
    parts, right = case(rows)
    found = fit_weights(parts, START, right)
    assert np.isfinite(found).all()
    if not rows:
        assert (found == START).all()


def test_rows_of_unknown_classes_and_impossible_rows_do_not_count():
    parts, right = case(100)
    more = np.concatenate([parts, parts[:, :3]], axis=1)
    more[2, 100, 0] = -np.inf
    classes = np.concatenate([right, [right[0], -1, 9]])
    np.testing.assert_array_equal(fit_weights(more, START, classes), fit_weights(parts, START, right))


def test_one_class_has_nothing_to_fit():
    assert (fit_weights(np.zeros((3, 5, 1)), START, np.zeros(5, dtype=np.int64)) == START).all()


def test_combined_probabilities_are_normalised_and_what_is_impossible_stays_so():
    prior = np.log([0.2, 0.3, 0.5])
    parts = np.array([[prior] * 3, [[-1.0, -2, -3], [-np.inf, -2, -3], [-np.inf] * 3]])
    result = combine(parts, np.array([0.5, -0.7]), np.array([1.0, 1.0]))
    np.testing.assert_allclose(np.exp(result).sum(1), 1)
    assert result[1, 0] == -np.inf
    np.testing.assert_allclose(result[2], prior)
    expected = 0.5 * prior - 0.7 * parts[1, 0]
    np.testing.assert_allclose(result[0], expected - np.log(np.exp(expected).sum()))
