"""Scores as functions of sums over rows, so that they can be computed again on resampled rows.

A resample of rows has as its sums the sums of its rows: the score of each of thousands of resamples is one product
of matrices and one formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.types import Array, Bools, Float64s, Int64s

GROUPS = 100  # of rows, that ``pseudo_values`` leaves out in turn by default

Formula = Callable[[Float64s], Float64s]
"""Sums (..., D) -> scores (...)."""


@dataclass(frozen=True, eq=False)
class RowSums:
    """What each row adds to a score.

    Args:
        values: float64 (R, D), one row of numbers per row of the split, or per group of rows.
        formula: the score, from these numbers summed over any rows.
    """

    values: Float64s
    formula: Formula

    @property
    def score(self) -> float:
        """The score over all rows."""
        return float(self.formula(self.values.sum(0)))

    def pseudo_values(self) -> Float64s:
        """A number per row, float64 (R,), whose mean is about the score: the jackknife of rows (Tukey, 1958)."""
        total, rows = self.values.sum(0), len(self.values)
        with np.errstate(divide="ignore", invalid="ignore"):  # a row that has all of the events
            without = self.formula(total - self.values)  # (R,)
        found = rows * self.formula(total) - (rows - 1) * without
        return np.where(np.isfinite(found), found, self.score)


class RowStatistic(NamedTuple):
    """Numbers that each row has, and the scores that their sums give.

    Args:
        sums: the task, predictions and the split -> float64 (R, D), None where there are none.
        formulas: the scores.
    """

    sums: Callable[..., Float64s | None]
    formulas: tuple[Formula, ...]


def mean(sums: Float64s) -> Float64s:
    """The mean per event, from a sum and the number of events: (..., 2) -> (...)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])


def percent(sums: Float64s) -> Float64s:
    """The share of right events in percent."""
    return 100 * mean(sums)


def error_percent(sums: Float64s) -> Float64s:
    """The share of wrong events in percent."""
    return 100 - 100 * mean(sums)


def error(sums: Float64s) -> Float64s:
    """The share of wrong events."""
    return 1 - mean(sums)


def loss(sums: Float64s) -> Float64s:
    """The mean negative log-probability of an event, in nats."""
    return -mean(sums)


def bits(sums: Float64s) -> Float64s:
    """The mean negative log-probability of an event, in bits."""
    return np.asarray(-mean(sums) / np.log(2))


def perplexity(sums: Float64s) -> Float64s:
    """exp of the mean negative log-probability."""
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(-mean(sums)))


EVENT_FORMULAS: tuple[Formula, ...] = (
    percent,
    mean,
    error_percent,
    error,
    perplexity,
    loss,
    bits,
)


def macro_f1(sums: Float64s) -> Float64s:
    """Mean F1 in percent over the labels that occur, from the numbers right, true and predicted per label.

    Args:
        sums: float64 (..., 3 L).
    """
    right, true, answered = np.split(sums, 3, axis=-1)  # (..., L) each
    both = true + answered
    occurs = both > 0.5  # weights are whole numbers, up to rounding
    f1 = np.where(occurs, 2 * right / np.where(occurs, both, 1), 0)
    with np.errstate(invalid="ignore"):
        return np.asarray(100 * f1.sum(-1) / occurs.sum(-1))


def micro_f1(sums: Float64s) -> Float64s:
    """F1 in percent of all decisions together, from the same numbers; 0 where nothing is true or predicted.

    Args:
        sums: float64 (..., 3 L).
    """
    right, true, answered = (part.sum(-1) for part in np.split(sums, 3, axis=-1))  # (...) each
    both = true + answered
    return np.asarray(100 * np.where(both > 0.5, 2 * right / np.where(both > 0.5, both, 1), 0))


def macro_f1_of_true(sums: Float64s) -> Float64s:
    """As ``macro_f1``, over the labels that are the right one of some event."""
    right, true, answered = np.split(sums, 3, axis=-1)  # (..., L) each
    occurs = true > 0.5
    f1 = np.where(occurs, 2 * right / np.where(occurs, true + answered, 1), 0)
    with np.errstate(invalid="ignore"):
        return np.asarray(100 * f1.sum(-1) / occurs.sum(-1))


LABEL_FORMULAS = (macro_f1, micro_f1, macro_f1_of_true)  # of the numbers right, true and predicted per label


def per_row(values: Array, lengths: Int64s) -> Float64s:
    """The sum of each row: float64 (R,).

    Args:
        values: (N,), one entry per event, row after row.
        lengths: int (R,), entries per row, which may be 0.
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)  # (N,)
    return np.bincount(rows, values, minlength=len(lengths)).astype(np.float64)


def label_counts(gold: Array, predicted: Array, lengths: Int64s, size: int) -> Float64s:
    """How often each label is right, true and predicted in each row, for ``macro_f1``: float64 (R, 3 size).

    Args:
        gold: int (N,), 0 to size - 1.
        predicted: int (N,), 0 to size - 1.
        lengths: int (R,), entries per row.
        size: the number of labels.
    """
    rows = np.repeat(np.arange(len(lengths)), lengths) * size
    hit = gold == predicted
    cells = [(rows + gold)[hit], rows + gold, rows + predicted]
    counts = [np.bincount(cell, minlength=len(lengths) * size).reshape(len(lengths), size) for cell in cells]
    return np.concatenate(counts, axis=-1).astype(np.float64)  # (R, 3 size)


def pseudo_values(
    score: Callable[[Bools], float], rows: int, numbers: Int64s | None = None, total: int = 0, most: int = GROUPS
) -> RowSums:
    """Any smooth score as a mean, by the jackknife of groups of rows (Tukey, 1958).

    The score is computed again without each of at most ``most`` groups of consecutive rows.

    Args:
        score: the score over the rows that a bool (R,) selects.
        rows: the number of rows.
        numbers: int64 (R,), the numbers of these rows among more rows, which are grouped; None: there are no more.
        total: how many these are.
        most: the number of groups, unless there are fewer rows.

    Returns:
        The pseudo-value of each group, moved so that their mean is the score over all rows.
    """
    numbers, total = (np.arange(rows), rows) if numbers is None else (numbers, total)
    groups = min(total, most)
    group = numbers * groups // max(1, total)  # (R,)
    without = np.array([score(group != left_out) for left_out in range(groups)])
    pseudo = score(np.ones(rows, dtype=bool)) + (groups - 1) * (without.mean() - without)  # (G,)
    return RowSums(np.stack([pseudo, np.ones(groups)], axis=-1), mean)  # (G, 2)


def with_width(sums: RowSums, width: int) -> RowSums | None:
    """The same sums with labels that never occur, so that there are ``width`` numbers per row.

    Runs on other splits may know more labels. None where the numbers are not those of labels.
    """
    missing, rest = divmod(width - sums.values.shape[-1], 3)
    if sums.formula not in LABEL_FORMULAS or missing < 0 or rest:
        return sums if width == sums.values.shape[-1] else None
    parts = np.split(sums.values, 3, axis=-1)  # (R, L) each
    wider = [np.pad(part, ((0, 0), (0, missing))) for part in parts]
    return RowSums(np.concatenate(wider, axis=-1), sums.formula)
