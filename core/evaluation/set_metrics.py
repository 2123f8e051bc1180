"""Metrics of predicted sets of labels, in percent."""

from __future__ import annotations

import numpy as np

from core import row_sums
from core.types import Bools, Cell, Float64s, Table


def micro_f1(gold: Bools, predicted: Bools) -> float:
    """F1 of all decisions together; 0 where no row has or is given a label.

    Args:
        gold: bool (R, L).
        predicted: bool (R, L).
    """
    return float(row_sums.micro_f1(_counts(gold, predicted)))


def macro_f1(gold: Bools, predicted: Bools) -> float:
    """The mean F1 over the labels that occur in either; NaN where none does."""
    return float(row_sums.macro_f1(_counts(gold, predicted)))


def subset_accuracy(gold: Bools, predicted: Bools) -> float:
    """The share of rows whose whole set is right."""
    return 100 * float((gold == predicted).all(axis=1).mean()) if len(gold) else float("nan")


def hamming_loss(gold: Bools, predicted: Bools) -> float:
    """The share of decisions about a row and a label that are wrong."""
    return 100 * float((gold != predicted).mean()) if gold.size else float("nan")


def set_table(title: str, gold: Bools, predicted: Bools, names: list[str]) -> Table:
    """How many rows have each label and are given it, and its precision, recall and F1.

    Args:
        title: the title of the table.
        gold: bool (R, L).
        predicted: bool (R, L).
        names: the L labels; only those that occur in either have a row.
    """
    both, true, given = ((a).sum(axis=0) for a in (gold & predicted, gold, predicted))
    rows: list[tuple[Cell, ...]] = []
    for k in np.flatnonzero(true + given).tolist():
        scores = (100 * both[k] / max(1, part) for part in (given[k], true[k], (true[k] + given[k]) / 2))
        rows.append((names[k], int(true[k]), int(given[k]), *map(float, scores)))
    return Table(title, ("label", "true", "predicted", "precision", "recall", "F1"), rows)


def _counts(gold: Bools, predicted: Bools) -> Float64s:
    """How often each label is right, true and predicted: float64 (3 L,)."""
    return np.concatenate([part.sum(axis=0) for part in (gold & predicted, gold, predicted)]).astype(np.float64)
