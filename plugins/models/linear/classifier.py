"""Linear classifiers of scikit-learn, one per class against the others, and the probabilities of their scores."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax

from core.types import Bools, Float32s, Float64s, Int64s
from plugins.models.linear.weighting import log_count_ratio

STEPS = 1000  # of the solver at most
SURE = 10.0  # the score of a label that all training rows have; minus this that of one that none has
SCALES = (1e-2, 1e2)  # between which the factor of calibration lies


@dataclass(frozen=True)
class Settings:
    """How a classifier is trained."""

    loss: str  # logistic or hinge
    balanced: bool  # whether every class has the same weight
    smoothing: float  # of the log-count ratios


class Weights(NamedTuple):
    """A trained model: for two classes one row of weights, of the second against the first."""

    coefficients: Float32s  # (K, F)
    intercepts: Float32s  # (K,)
    scale: float = 1.0  # of the scores: of the hinge loss, fitted on dev; of numbers, their standard deviation
    centre: float = 0.0  # of numbers: their mean

    def scores(self, features: Any) -> Float64s:
        """The score of each row: (R, K)."""
        return np.asarray(features @ self.coefficients.T + self.intercepts, dtype=np.float64)


def train_classifier(
    features: Any, classes: Int64s, size: int, strength: float, ratio: bool, settings: Settings
) -> Weights:
    """Train each class against the others; with the log-count ratio, features are multiplied by it (NBSVM).

    The weights then include the ratio, since w * (r o f) = (w o r) * f, where o is the product by element.

    Args:
        features: sparse float32 (R, F).
        classes: int64 (R,), from 0.
        size: the number of classes.
        strength: C, the weight of the loss against the squared weights.
        ratio: whether the features are multiplied by their log-count ratios.
        settings: the loss, the weights of classes, the smoothing of the ratios.
    """
    counts = np.bincount(classes, minlength=size)
    row_weights = (len(classes) / (np.count_nonzero(counts) * counts))[classes] if settings.balanced else None
    wanted = range(1, 2) if size == 2 else range(size if size > 2 else 0)
    coefficients = np.zeros((len(wanted), features.shape[1]), dtype=np.float32)
    intercepts = np.zeros(len(wanted), dtype=np.float32)
    for number, own in enumerate(wanted):
        one = train_one(features, classes == own, strength, ratio, settings, row_weights)
        coefficients[number], intercepts[number] = one
    return Weights(coefficients, intercepts)


def train_one(
    features: Any,
    positive: Bools,
    strength: float,
    ratio: bool,
    settings: Settings,
    row_weights: Float64s | None = None,
) -> tuple[Float32s, float]:
    """The weights (F,) and the intercept of some rows against the others; those of the prior where all are alike.

    Args:
        features: sparse float32 (R, F).
        positive: bool (R,), which rows these are.
        strength: see ``train_classifier``.
        ratio: see ``train_classifier``.
        settings: see ``train_classifier``.
        row_weights: float64 (R,); None: those of ``settings.balanced`` where this is the only class.
    """
    if positive.all() or not positive.any():
        return np.zeros(features.shape[1], dtype=np.float32), SURE if positive.all() else -SURE
    r = log_count_ratio(features, positive, settings.smoothing) if ratio else None
    solver = _solver(settings.loss, strength)
    if row_weights is None and settings.balanced:
        row_weights = len(positive) / (2 * np.bincount(positive, minlength=2))[positive.astype(int)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged within the steps
        solver.fit(features if r is None else _scaled(features, r), positive, sample_weight=row_weights)
    own = solver.coef_[0] if r is None else solver.coef_[0] * r
    return own.astype(np.float32), float(solver.intercept_[0])


def _solver(loss: str, strength: float) -> Any:
    if loss == "hinge":
        from sklearn.svm import LinearSVC

        return LinearSVC(C=strength, dual=False, max_iter=STEPS)
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, solver="liblinear", max_iter=STEPS)


def _scaled(features: Any, factors: Float32s) -> Any:
    """Features multiplied by a factor each."""
    matrix = features.copy()
    matrix.data *= factors[matrix.indices]
    return matrix


def log_probs(scores: Float64s, loss: str, scale: float) -> Float64s:
    """The log-probabilities of the classes: (R, K) -> (R, C).

    The logistic loss gives the probability of each class against the others; they are divided by their sum. The
    scores of the hinge loss are multiplied by ``scale`` and exponentiated.
    """
    if scores.shape[1] == 0:
        return np.zeros((len(scores), 1))
    if scores.shape[1] == 1:
        scores = scores * (scale if loss == "hinge" else 1.0)
        return np.concatenate([log_expit(-scores), log_expit(scores)], axis=1)
    own = scale * scores if loss == "hinge" else log_expit(scores)
    return np.asarray(log_softmax(own, axis=1))


def calibrate(scores: Float64s, classes: Int64s) -> float:
    """The factor by which scores of the hinge loss become the likeliest probabilities (Guo et al., 2017, eq. 9).

    Args:
        scores: (R, K), on dev.
        classes: int64 (R,), from 0; a class that training lacks is left out.
    """
    known = np.flatnonzero((classes >= 0) & (classes < max(2, scores.shape[1])))
    scores, classes, rows = scores[known], classes[known], np.arange(len(known))

    def loss(exponent: float) -> float:
        return -float(log_probs(scores, "hinge", float(np.exp(exponent)))[rows, classes].mean())

    if not len(classes) or scores.shape[1] == 0:
        return 1.0
    found = minimize_scalar(loss, bounds=np.log(SCALES), method="bounded")
    return float(np.exp(found.x))
