"""Tables that a full report shows below the metrics."""

from __future__ import annotations

import numpy as np

from core.evaluation import metrics
from core.types import Array, Cell, Table


def label_table(title: str, gold: Array, predicted: Array, names: list[str]) -> Table:
    """How often each label is true and predicted, and its precision, recall and F1.

    Args:
        title: the title of the table.
        gold: int (N,), label ids.
        predicted: int (N,), label ids.
        names: the labels by id; only those that occur in either array have a row.
    """
    true, answered = (np.bincount(labels, minlength=len(names)).tolist() for labels in (gold, predicted))
    scores = metrics.per_label(gold, predicted)
    header = ("label", "true", "predicted", "precision", "recall", "F1")
    rows = [(names[k], true[k], answered[k], *map(float, score)) for k, score in scores.items()]
    return Table(title, header, rows)


def confusion_table(title: str, gold: Array, predicted: Array, names: list[str]) -> Table:
    """How often each true label (row) was predicted as each label (column).

    Args:
        title: the title of the table.
        gold: int (N,), label ids.
        predicted: int (N,), label ids.
        names: the labels by id.
    """
    counts = metrics.confusion(gold, predicted, len(names))
    used = np.flatnonzero(counts.sum(0) + counts.sum(1)).tolist()
    rows: list[tuple[Cell, ...]] = [(names[k], *counts[k, used].tolist()) for k in used]
    return Table(title, ("true \\ predicted", *(names[k] for k in used)), rows)
