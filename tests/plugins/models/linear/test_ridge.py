"""Ridge regression, compared with its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from plugins.models.linear.ridge import train_ridge


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_the_weights_solve_the_normal_equations(offset: float) -> None:
    random = np.random.default_rng(0)
    dense = random.random((60, 8)) * (random.random((60, 8)) < 0.5)
    numbers = offset + dense @ random.normal(size=8) + random.normal(0, 0.1, 60)
    weights = train_ridge(sparse.csr_matrix(dense.astype(np.float32)), numbers, 2.0)
    centred = dense - dense.mean(axis=0)
    exact = np.linalg.solve(centred.T @ centred + np.eye(8) / 2.0, centred.T @ (numbers - numbers.mean()))
    expected = numbers.mean() + centred @ exact
    predicted = weights.centre + weights.scale * weights.scores(sparse.csr_matrix(dense))[:, 0]
    assert predicted - offset == pytest.approx(expected - offset, abs=2e-3)


def test_equal_numbers_are_predicted_everywhere() -> None:
    features = sparse.csr_matrix(np.eye(4, dtype=np.float32))
    weights = train_ridge(features, np.full(4, 7.5), 1.0)
    assert (weights.centre + weights.scale * weights.scores(features)[:, 0]).tolist() == [7.5] * 4
