"""A log-linear combination of the parts of Bayes' rule, with weights fitted on held-out rows.

Naive Bayes is overconfident, as it multiplies events that depend on each other. Weights for the prior and for each
generative model, fitted discriminatively, correct for it (Raina, Shen, Ng and McCallum, 2003).
"""

from __future__ import annotations

import numpy as np

from core.types import Bools, Float64s, Int64s

SHRINKAGE = 1.0  # the precision of the Gaussian prior of each weight, in standard deviations of its part
TEMPERATURE = 1.0  # the precision of the common factor
STEPS, CLOSE = 50, 1e-9  # of Newton's method: the most steps, and the gain in nats at which it ends


def fit_weights(parts: Float64s, start: Float64s, classes: Int64s) -> Float64s:
    """The weights that make the right classes most probable, shrunk towards a multiple of Bayes' rule.

    First one factor for all parts is fitted (a temperature), then the weight of each part, with a Gaussian prior
    around that factor: without rows the result is Bayes' rule, with few rows about the rule with a temperature.

    Args:
        parts: float64 (J, R, C), for each part the log-probability of each row under each class.
        start: float64 (J,), the weights of Bayes' rule.
        classes: int64 (R,), the right class of each row; rows with other classes are left out.

    Returns:
        float64 (J,).
    """
    usable = (classes >= 0) & (classes < parts.shape[2]) & np.isfinite(parts).all(axis=(0, 2))
    parts, classes = parts[:, usable], classes[usable]
    if not len(classes) or parts.shape[2] < 2:
        return start
    centred = parts - parts.mean(axis=2, keepdims=True)  # what all classes share changes nothing
    scale = np.maximum(np.sqrt((centred**2).mean(axis=(1, 2))), 1e-9)  # (J,)

    factor = np.ones(1)
    whole = np.tensordot(start, centred, 1)[None]  # (1, R, C)
    factor = _minimum(whole, factor, factor, np.array([TEMPERATURE]), classes)
    return _minimum(centred, factor * start, factor * start, SHRINKAGE * scale**2, classes)


def _minimum(parts: Float64s, at: Float64s, centre: Float64s, precision: Float64s, classes: Int64s) -> Float64s:
    """The weights of the least ``loss`` with a Gaussian prior, by Newton's method with halved steps.

    Args:
        parts: float64 (J, R, C), finite.
        at: float64 (J,), where the search starts.
        centre: float64 (J,), the mean of the prior.
        precision: float64 (J,), its precision.
        classes: int64 (R,).
    """

    def value(weights: Float64s) -> float:
        return loss(parts, weights, classes)[0] + float(precision @ (weights - centre) ** 2) / 2

    for _ in range(STEPS):
        before, (_, slope, curvature) = value(at), loss(parts, at, classes)
        slope = slope + precision * (at - centre)
        step = np.linalg.solve(curvature + np.diag(precision), slope)
        gain = float(slope @ step)  # twice the expected decrease
        if gain < CLOSE:
            break
        size = 1.0
        while value(at - size * step) > before - size * gain / 4 and size > CLOSE:
            size /= 2
        at = at - size * step
    return at


def loss(parts: Float64s, weights: Float64s, classes: Int64s) -> tuple[float, Float64s, Float64s]:
    """Minus the log-probability of the right classes, its gradient and its second derivatives by the weights.

    Args:
        parts: float64 (J, R, C), finite.
        weights: float64 (J,).
        classes: int64 (R,).

    Returns:
        The value, float64 (J,), and float64 (J, J).
    """
    scores = np.tensordot(weights, parts, 1)  # (R, C)
    log_probs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    rows, probs = np.arange(len(classes)), np.exp(log_probs)
    expected = (parts * probs).sum(axis=2)  # (J, R)
    right = parts[:, rows, classes]  # (J, R)
    spread = (parts - expected[:, :, None]) * np.sqrt(probs)  # (J, R, C)
    curvature = np.tensordot(spread, spread, ([1, 2], [1, 2]))  # (J, J)
    return -float(log_probs[rows, classes].sum()), (expected - right).sum(axis=1), curvature


def combine(parts: Float64s, weights: Float64s, start: Float64s) -> Float64s:
    """The log-probability of each class, (R, C), normalised.

    A class that Bayes' rule excludes stays excluded, and a row that no class can have generated gets the prior.

    Args:
        parts: float64 (J, R, C), the prior first; minus infinity where something cannot be.
        weights: float64 (J,).
        start: float64 (J,), the weights of Bayes' rule.
    """
    excluded: Bools = np.any(np.isneginf(parts[start > 0]), axis=0, keepdims=True)[0]  # (R, C)
    joint = np.tensordot(weights, np.where(np.isneginf(parts), 0.0, parts), 1)  # (R, C)
    joint[excluded] = -np.inf
    nowhere: Bools = np.all(excluded, axis=1, keepdims=True)[:, 0]  # (R,)
    joint[nowhere] = parts[0, nowhere]
    return np.asarray(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))
