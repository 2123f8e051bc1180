"""Scores of predicted numbers as formulas of sums over rows (see ``core.row_sums``)."""

from __future__ import annotations

import numpy as np

from core.row_sums import Formula
from core.types import Float64s

LEAST = 1e-12  # a variance below this share of the mean square is rounding


def number_sums(gold: Float64s, predicted: Float64s) -> Float64s:
    """1, the squared and the absolute error, and x, y, xx, yy, xy of each row: float64 (R, 8).

    Args:
        gold: float64 (R,), x; numbers around 0 lose the fewest digits.
        predicted: float64 (R,), y.
    """
    error = predicted - gold
    columns = np.ones_like(gold), error**2, np.abs(error), gold, predicted, gold**2, predicted**2, gold * predicted
    return np.stack(columns, axis=-1)


def rmse(sums: Float64s) -> Float64s:
    """The root of the mean squared error: (..., 8) -> (...)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(sums[..., 1] / sums[..., 0]))


def mse(sums: Float64s) -> Float64s:
    """The mean squared error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[..., 1] / sums[..., 0])


def mae(sums: Float64s) -> Float64s:
    """The mean absolute error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[..., 2] / sums[..., 0])


def pearson(sums: Float64s) -> Float64s:
    """Pearson's correlation in percent; 0 where one side is constant."""
    rows, _, _, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        both, left, right = xy - x * y / rows, xx - x**2 / rows, yy - y**2 / rows
        varies = (left > LEAST * xx) & (right > LEAST * yy)
        return np.asarray(100 * np.where(varies, both / np.sqrt(np.where(varies, left * right, 1)), 0))


NUMBER_FORMULAS: tuple[Formula, ...] = (rmse, mae, pearson, mse)
