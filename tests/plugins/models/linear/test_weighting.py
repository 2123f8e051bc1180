"""tf-idf is scikit-learn's, and the log-count ratio that of a hand-worked example."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from plugins.models.linear.weighting import binary, idf, log_count_ratio, tfidf


def counts_of(seed: int, rows: int = 30, width: int = 12) -> sparse.csr_matrix:
    random = np.random.default_rng(seed)
    dense = random.poisson(0.4, (rows, width)).astype(np.float32)
    dense[[0, 5, rows - 1]] = 0
    return sparse.csr_matrix(dense)


def test_each_part_is_that_of_scikit_learn() -> None:
    parts, others = [counts_of(1), counts_of(2, width=7)], [counts_of(3), counts_of(4, width=7)]
    weights = np.concatenate([idf(part) for part in parts])
    for given in (parts, others):
        theirs = [
            TfidfTransformer(sublinear_tf=True).fit(part).transform(own)
            for part, own in zip(parts, given, strict=True)
        ]
        found = tfidf(given, weights)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.toarray(), sparse.hstack(theirs).toarray(), rtol=1e-5)
    assert (parts[0].toarray() == counts_of(1).toarray()).all()  # the counts stay


def test_the_log_count_ratio_of_an_example() -> None:
    """Rows "good film", "good good" (positive) and "bad film" over good, film, bad; smoothing 1.

    p = (1 + 2, 1 + 1, 1 + 0) = (3, 2, 1), of sum 6; q = (1, 2, 2), of sum 5.
    """
    counts = sparse.csr_matrix(np.array([[1, 1, 0], [2, 0, 0], [0, 1, 1]], dtype=np.float32))
    features = binary([counts])
    half = 0.5**0.5
    assert features.toarray() == pytest.approx(np.array([[half, half, 0], [1, 0, 0], [0, half, half]]))
    ratio = log_count_ratio(features, np.array([True, True, False]), 1.0)
    expected = [(3 / 6) / (1 / 5), (2 / 6) / (2 / 5), (1 / 6) / (2 / 5)]
    assert np.exp(ratio) == pytest.approx(expected)
