"""The best score that a number of trials is expected to find (Dodge et al., 2019, "Show Your Work")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.types import Float64s, Int64s


class ExpectedBest(NamedTuple):
    """The expected best of n trials, for each n up to the number of trials.

    Args:
        n: (N,), the numbers of trials from 1.
        mean: (N,), the expected best score.
        low: (N,), one standard deviation below the mean, but no lower than the lowest score.
        high: (N,), one standard deviation above the mean, but no higher than the highest score.
    """

    n: Int64s
    mean: Float64s
    low: Float64s
    high: Float64s


def expected_best(scores: Sequence[float], minimize: bool, replacement: bool = True) -> ExpectedBest:
    """The best of n trials that are drawn from those that were run: its mean and standard deviation.

    With replacement this is Dodge et al. (2019, equations 4 to 7), P(best <= v_i) = (i / N)^n for the i-th of N
    sorted scores; the variance is that of the best around its mean. Without, it is the unbiased estimator of Tang
    et al. (2020), the mean over all subsets of n trials.

    Args:
        scores: of the trials, finite; they must be drawn independently of one another.
        minimize: whether a lower score is better.
        replacement: whether the n trials are drawn with replacement.

    Raises:
        ValueError: a score is not finite.
    """
    sign = -1.0 if minimize else 1.0
    values = np.sort(sign * np.asarray(scores, dtype=np.float64))  # (N,), the best last
    if not np.isfinite(values).all():
        raise ValueError("every score must be finite")
    size = len(values)
    n, rank = np.arange(1, size + 1), np.arange(size + 1)
    below = _with_replacement(n, rank) if replacement else _without_replacement(n, rank)  # (N, N + 1)
    shares = np.diff(below, axis=1)  # (N, N): P(the i-th is the best of n)
    mean = shares @ values  # (N,)
    variance = (shares * (values - mean[:, None]) ** 2).sum(axis=1)
    spread = np.sqrt(variance)
    ends = [sign * np.clip(mean + side * spread, *values[[0, -1]]) if size else mean for side in (-1, 1)]
    return ExpectedBest(n, sign * mean, np.minimum(*ends), np.maximum(*ends))


def _with_replacement(n: Int64s, rank: Int64s) -> Float64s:
    """P(all n trials are among the lowest i): (i / N)^n, (N, N + 1)."""
    power: Float64s = (rank[None] / max(1, len(n))) ** n[:, None]
    return power


def _without_replacement(n: Int64s, rank: Int64s) -> Float64s:
    """The same for n different trials: the number of subsets C(i, n) / C(N, n), (N, N + 1)."""
    steps = np.arange(len(n))
    factors = np.maximum(rank[None] - steps[:, None], 0) / (len(n) - steps[:, None])  # (N, N + 1)
    product: Float64s = np.cumprod(factors, axis=0)
    return product
