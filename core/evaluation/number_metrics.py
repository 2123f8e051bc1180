"""Metrics of predicted numbers; correlations are in percent."""

from __future__ import annotations

import numpy as np

from core.kinds import number_sums
from core.types import Float64s


def rmse(gold: Float64s, predicted: Float64s) -> float:
    """The root of the mean squared error, in the units of the numbers; NaN without rows.

    Args:
        gold: float64 (R,).
        predicted: float64 (R,).
    """
    return float(np.sqrt(np.mean((predicted - gold) ** 2))) if len(gold) else float("nan")


def mae(gold: Float64s, predicted: Float64s) -> float:
    """The mean absolute error, in the units of the numbers; NaN without rows."""
    return float(np.mean(np.abs(predicted - gold))) if len(gold) else float("nan")


def pearson(gold: Float64s, predicted: Float64s) -> float:
    """Pearson's correlation in percent; 0 where one side is constant, for which it is not defined."""
    if not len(gold):
        return float("nan")
    sides = gold - gold.mean(), predicted - predicted.mean()
    return float(number_sums.pearson(number_sums.number_sums(*sides).sum(0)))
