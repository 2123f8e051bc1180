"""Calibration: of the answers that are given with probability 0.8, 80 percent should be right."""

from __future__ import annotations

import numpy as np

from core.types import Array, Bools, Cell, Table

BINS = 15


def calibration_error(probability: Array, correct: Bools, bins: int = BINS) -> float:
    """The expected calibration error (Guo et al., 2017, eq. 3), in percent; NaN without events.

    Events are grouped by probability into bins of equal width, (m / bins, (m + 1) / bins]. The error is the mean
    over the events of the distance, in their bin, between the share of right answers and the mean probability.

    Args:
        probability: float (N,), that of the given answer to each event.
        correct: bool (N,), whether the answer is right.
        bins: the number of bins.
    """
    _, counts, means, shares = _binned(probability, correct, bins)
    return float(100 * (counts * np.abs(shares - means)).sum() / len(probability)) if len(probability) else np.nan


def calibration_table(probability: Array, correct: Bools, bins: int = BINS) -> Table:
    """The reliability of the answers: one row per bin that has events; arguments as ``calibration_error``."""
    used, counts, means, shares = _binned(probability, correct, bins)
    error = calibration_error(probability, correct, bins)
    title = f"calibration: expected calibration error {error:.2f} percent ({bins} bins)"
    rows: list[tuple[Cell, ...]] = [
        (f"{m / bins:.3f} to {(m + 1) / bins:.3f}", count, 100 * mean, 100 * share, 100 * (share - mean))
        for m, count, mean, share in zip(used, counts.tolist(), means.tolist(), shares.tolist(), strict=True)
    ]
    header = ("probability", "events", "mean probability (%)", "right (%)", "right - mean")
    return Table(title, header, rows)


def _binned(probability: Array, correct: Bools, bins: int) -> tuple[list[int], Array, Array, Array]:
    """The bins that have events: numbers, counts, mean probabilities, shares of right answers."""
    values = probability.astype(np.float64)
    bin_of = np.clip(np.digitize(values, np.linspace(0, 1, bins + 1), right=True) - 1, 0, bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    used = np.flatnonzero(counts)
    sums, right = (np.bincount(bin_of, weights, bins)[used] for weights in (values, correct.astype(np.float64)))
    return used.tolist(), counts[used], sums / counts[used], right / counts[used]
