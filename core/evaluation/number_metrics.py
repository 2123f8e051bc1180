"""Metrics of predicted numbers, and a table of errors; correlations are in percent."""

from __future__ import annotations

import numpy as np

from core.kinds import number_sums
from core.types import Cell, Float64s, Table


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


RANGES = 5  # of the right numbers


def range_table(title: str, gold: Float64s, predicted: Float64s) -> Table:
    """The errors in ranges of the right number with about as many rows each; a number is in one range only.

    Args:
        title: the title of the table.
        gold: float64 (R,).
        predicted: float64 (R,).
    """
    ends = np.unique(np.quantile(gold, np.arange(1, RANGES + 1) / RANGES, method="inverted_cdf"))
    members = np.searchsorted(ends, gold)
    rows: list[tuple[Cell, ...]] = []
    for number in range(len(ends)):
        own = members == number
        low, high = float(gold[own].min()), float(gold[own].max())
        span = f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
        means = float(gold[own].mean()), float(predicted[own].mean())
        rows.append(
            (span, int(own.sum()), *means, rmse(gold[own], predicted[own]), mae(gold[own], predicted[own]))
        )
    return Table(title, ("right number", "rows", "mean right", "mean predicted", "RMSE", "MAE"), rows)
