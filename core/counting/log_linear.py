"""A log-linear combination of the parts of Bayes' rule, with weights fitted on held-out rows.

Naive Bayes is overconfident, as it multiplies events that depend on each other. Weights for the prior and for each
generative model, fitted discriminatively, correct for it (Raina, Shen, Ng and McCallum, 2003).
"""

from __future__ import annotations

import numpy as np

from core.types import Float64s, Int64s

SHRINKAGE = 1.0  # the precision of the Gaussian prior of each weight, in standard deviations of its part
LOOSE = 0.1  # that of the logarithm of the common factor


def fit_weights(parts: Float64s, start: Float64s, classes: Int64s) -> Float64s:
    """The weights that make the right classes most probable, shrunk towards a multiple of Bayes' rule.

    First one factor for all parts is fitted (a temperature), then the deviation of each part from it, with a
    Gaussian prior around 0: without rows the result is Bayes' rule, with few rows about Bayes' rule with a temperature.

    Args:
        parts: float64 (J, R, C), for each part the log-probability of each row under each class.
        start: float64 (J,), the weights of Bayes' rule.
        classes: int64 (R,), the right class of each row; rows with other classes are left out.

    Returns:
        float64 (J,).
    """
    from scipy.optimize import minimize

    usable = (classes >= 0) & (classes < parts.shape[2]) & np.isfinite(parts).all(axis=(0, 2))
    parts, classes = parts[:, usable], classes[usable]
    if not len(classes) or parts.shape[2] < 2:
        return start
    centred = parts - parts.mean(axis=2, keepdims=True)  # what all classes share changes nothing
    scale = np.maximum(np.sqrt((centred**2).mean(axis=(1, 2))), 1e-9)  # (J,)

    def tempered(factor: Float64s) -> tuple[float, Float64s]:
        weights = np.exp(factor[0]) * start
        value, slope = loss(centred, weights, classes)
        slopes = np.array([slope @ weights + LOOSE * factor[0]])
        return value + LOOSE * float(factor[0]) ** 2 / 2, slopes

    factor = minimize(tempered, np.zeros(1), jac=True, method="L-BFGS-B").x
    centre = np.exp(factor[0]) * start

    def deviating(change: Float64s) -> tuple[float, Float64s]:
        value, slope = loss(centred, centre + change / scale, classes)
        return value + SHRINKAGE * float(change @ change) / 2, slope / scale + SHRINKAGE * change

    found = minimize(deviating, np.zeros(len(start)), jac=True, method="L-BFGS-B").x
    return np.asarray(centre + found / scale)


def loss(parts: Float64s, weights: Float64s, classes: Int64s) -> tuple[float, Float64s]:
    """Minus the log-probability of the right classes, and its gradient with respect to the weights, (J,).

    Args:
        parts: float64 (J, R, C), finite.
        weights: float64 (J,).
        classes: int64 (R,).
    """
    scores = np.tensordot(weights, parts, 1)  # (R, C)
    log_probs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    rows, errors = np.arange(len(classes)), np.exp(log_probs)
    errors[rows, classes] -= 1
    return -float(log_probs[rows, classes].sum()), np.tensordot(parts, errors, 2)


def combine(parts: Float64s, weights: Float64s, start: Float64s) -> Float64s:
    """The log-probability of each class, (R, C), normalised.

    A class that Bayes' rule excludes stays excluded, and a row that no class can have generated gets the prior.

    Args:
        parts: float64 (J, R, C), the prior first; minus infinity where something cannot be.
        weights: float64 (J,).
        start: float64 (J,), the weights of Bayes' rule.
    """
    excluded = np.isneginf(parts[start > 0]).any(axis=0)  # (R, C)
    joint = np.tensordot(weights, np.where(np.isneginf(parts), 0.0, parts), 1)  # (R, C)
    joint[excluded] = -np.inf
    nowhere = excluded.all(axis=1)
    joint[nowhere] = parts[0, nowhere]
    return np.asarray(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))
