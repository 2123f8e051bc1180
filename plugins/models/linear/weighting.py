"""How counts of n-grams become features: tf-idf, or the log-count ratios of naive Bayes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from core.types import Bools, Float32s


def idf(counts: Any) -> Float32s:
    """The inverse document frequency ln((1 + rows) / (1 + rows with the feature)) + 1 of each feature: (F,).

    Args:
        counts: sparse (R, F), how often each row has each feature.
    """
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    return (np.log((1 + counts.shape[0]) / (1 + frequency)) + 1).astype(np.float32)


def tfidf(parts: Sequence[Any], weights: Float32s) -> Any:
    """Each part of the features with rows of length 1: (1 + ln count) * idf, divided by its Euclidean norm.

    Args:
        parts: sparse float32 (R, F_i), the counts.
        weights: float32 (F,), from ``idf``.

    Returns:
        Sparse float32 (R, F).
    """
    scaled, start = [], 0
    for counts in parts:
        own, start = weights[start : start + counts.shape[1]], start + counts.shape[1]
        matrix = counts.copy()
        np.log(matrix.data, out=matrix.data)
        matrix.data += 1
        matrix.data *= own[matrix.indices]
        scaled.append(_normalised(matrix))
    return sparse.hstack(scaled, format="csr", dtype=np.float32)


def binary(parts: Sequence[Any]) -> Any:
    """The same for each feature that a row has, each part with rows of length 1: sparse float32 (R, F)."""
    scaled = []
    for counts in parts:
        matrix = counts.copy()
        matrix.data[:] = 1
        scaled.append(_normalised(matrix))
    return sparse.hstack(scaled, format="csr", dtype=np.float32)


def _normalised(matrix: Any) -> Any:
    """A matrix whose rows are divided, in place, by their Euclidean norms; a row without features stays."""
    lengths = np.diff(matrix.indptr)
    norms = np.sqrt(np.add.reduceat(np.append(matrix.data**2, np.float32(0)), matrix.indptr[:-1]))
    norms[lengths == 0] = 1
    matrix.data /= np.repeat(norms, lengths)
    return matrix


def log_count_ratio(features: Any, positive: Bools, smoothing: float) -> Float32s:
    """The log-count ratio of each feature (Wang and Manning, 2012, eq. 2): float32 (F,).

    r = ln((p / |p|) / (q / |q|)), with p = smoothing + the sum of the features of the positive rows, q likewise of
    the others, and |p| the sum over all features.

    Args:
        features: sparse (R, F); what a row has counts as 1, as in the paper.
        positive: bool (R,).
        smoothing: is added to each sum (alpha in the paper).
    """
    rows = np.repeat(positive, np.diff(features.indptr))  # of each entry
    p, q = (smoothing + np.bincount(features.indices[side], minlength=features.shape[1]) for side in (rows, ~rows))
    return (np.log(p / p.sum()) - np.log(q / q.sum())).astype(np.float32)
