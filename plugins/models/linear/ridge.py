"""Ridge regression of scikit-learn: linear least squares with a penalty on squared weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.types import Float64s
from plugins.models.linear.classifier import Weights

TOLERANCE = 1e-5  # of the solver, relative


def train_ridge(features: Any, numbers: Float64s, strength: float) -> Weights:
    """Fit standardised numbers; the weights' ``centre`` and ``scale`` lead back to their units.

    Args:
        features: sparse float32 (R, F).
        numbers: float64 (R,).
        strength: C, the weight of the squared errors against the squared weights.
    """
    from sklearn.linear_model import Ridge

    centre, scale = float(numbers.mean()), float(numbers.std()) or 1.0
    solver = Ridge(alpha=1 / strength, solver="sparse_cg", tol=TOLERANCE)
    solver.fit(features, ((numbers - centre) / scale).astype(np.float32))
    intercept = np.atleast_1d(np.asarray(solver.intercept_, dtype=np.float32))
    return Weights(np.atleast_2d(solver.coef_).astype(np.float32), intercept, scale, centre)
