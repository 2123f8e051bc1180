"""What five or more seeds say of two methods: how often one beats the other, and whether almost always."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.types import Float64s

LEAST = 5  # seeds from which verdicts are about methods
LEVEL = 0.95
THRESHOLD = 0.2  # of epsilon_min, below which one method is better (Ulmer et al., 2022)
RESAMPLES, SEED = 1000, 0
NEAR = 1e-9


@dataclass(frozen=True)
class Superiority:
    """How the scores of one method compare with those of another over seeds, on these rows.

    Args:
        probability: that a run of the first scores better than one of the second; ties are halves.
        low: lower end of its 95 % interval.
        high: upper end.
        epsilon_min: upper bound of the violation of stochastic order, 0 to 1; below ``THRESHOLD`` the first is
            almost stochastically better.
    """

    probability: float
    low: float
    high: float
    epsilon_min: float


def superiority(first: Float64s, second: Float64s) -> Superiority:
    """Compare the scores of two methods, higher is better.

    Args:
        first: float64 (S,), one score per seed.
        second: float64 (T,).
    """
    wins = np.sign(first[:, None] - second)  # (S, T)
    probability = float((1 + wins.mean()) / 2)
    low, high = newcombe_interval(probability, len(first), len(second))
    return Superiority(probability, low, high, epsilon_min(first, second))


def newcombe_interval(probability: float, first: int, second: int) -> tuple[float, float]:
    """The 95 % interval of P(A > B) from the runs of two methods (Newcombe, 2006, method 5).

    Args:
        probability: the estimate.
        first: the number of runs of A.
        second: the number of runs of B.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z, extra = float(ndtri((1 + LEVEL) / 2)), (first + second) / 2 - 1

    def excess(true: float) -> float:
        spread = true * (1 - true) * (1 + extra * ((1 - true) / (2 - true) + true / (1 + true)))
        return (true - probability) ** 2 - z * z * spread / (first * second)

    below, above = probability - NEAR, probability + NEAR  # the estimate itself is a root where it is 0 or 1
    return float(brentq(excess, 0, below)) if below > 0 else 0.0, float(
        brentq(excess, above, 1)
    ) if above < 1 else 1.0


def epsilon_min(first: Float64s, second: Float64s) -> float:
    """The bound of almost stochastic order at 95 % confidence (del Barrio et al., 2018; Dror et al., 2019)."""
    n, m = len(first), len(second)
    random = np.random.default_rng(SEED)
    draws = (scores[random.integers(0, len(scores), (RESAMPLES, len(scores)))] for scores in (first, second))
    resampled = violation(*draws)  # (RESAMPLES,)
    from scipy.special import ndtri

    scale = math.sqrt(n * m / (n + m))
    deviation = float(np.std(scale * (resampled - violation(first, second))))
    bound = float(violation(first, second)) + float(ndtri(LEVEL)) * deviation / scale
    return min(1.0, max(0.0, bound))


def violation(first: Float64s, second: Float64s) -> Float64s:
    """Which share of the squared Wasserstein distance is against the first: (..., S), (..., T) -> (...).

    The quantile functions of samples are steps, so the integrals are sums; 0.5 where the samples are equal.
    """
    n, m = first.shape[-1], second.shape[-1]
    steps = math.lcm(n, m)
    gaps = np.repeat(np.sort(second), steps // m, axis=-1) - np.repeat(np.sort(first), steps // n, axis=-1)
    against, distance = (np.maximum(gaps, 0) ** 2).sum(-1), (gaps**2).sum(-1)
    return np.asarray(np.where(distance > 0, against / np.where(distance > 0, distance, 1), 0.5))
