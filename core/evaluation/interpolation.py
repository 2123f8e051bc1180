"""Language models interpolated linearly, with weights learned by expectation maximisation."""

from __future__ import annotations

import numpy as np

from core.types import Float64s

CLOSE = 1e-6  # nats per event by which the weights may be worse than the optimum
STEPS = 1000


def em(log_probs: Float64s) -> Float64s:
    """The weights that give the events the highest likelihood (Jelinek and Mercer, 1980).

    The likelihood is concave, so expectation maximisation from equal weights converges to its maximum. No weights
    gain more than log(max_m mean_n p_m(n) / p(n)) per event over the present ones, which is the stopping rule.

    Args:
        log_probs: float64 (M, N), natural logs, one row per model.

    Returns:
        float64 (M,), which sum to 1.
    """
    possible = log_probs[:, np.isfinite(log_probs).any(axis=0)]  # without events that no model allows
    weights = np.full(len(log_probs), 1 / len(log_probs))
    if not possible.shape[1]:
        return weights
    probs = np.exp(possible - possible.max(axis=0))  # (M, N), each event up to a constant
    for _ in range(STEPS):
        gains = np.mean(probs / (weights @ probs), axis=1)  # (M,)
        if np.log(gains.max()) < CLOSE:
            break
        weights = weights * gains
    return np.asarray(weights / weights.sum())


def interpolate(log_probs: Float64s, weights: Float64s) -> Float64s:
    """The log-probability of each event under the interpolation, (N,).

    Args:
        log_probs: float64 (M, N), natural logs, one row per model.
        weights: float64 (M,), which sum to 1.
    """
    with np.errstate(divide="ignore"):  # a weight of 0
        parts = log_probs + np.log(weights)[:, None]  # (M, N)
    return np.asarray(np.logaddexp.reduce(parts, axis=0))
