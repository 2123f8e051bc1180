"""What a full report shows beside the metrics: plain tables, which the view prints."""

from __future__ import annotations

import numpy as np

from core.data.corpus import Corpus
from core.evaluation import metrics
from core.types import Array, Cell, Table


def label_names(corpus: Corpus) -> list[str]:
    """The labels by id, those that training never had last."""
    closed = [] if corpus.labels is None else corpus.labels.words
    return [*closed, *corpus.label_words]


def label_table(title: str, gold: Array, predicted: Array, names: list[str]) -> Table:
    """How often each label is true and predicted, and its precision, recall and F1.

    Args:
        title: what is counted.
        gold: int (N,), label ids.
        predicted: int (N,), label ids.
        names: the labels by id.

    Returns:
        A row a label that is true or predicted somewhere, in the order of the ids.
    """
    true, said = (np.bincount(labels, minlength=len(names)).tolist() for labels in (gold, predicted))
    scores = metrics.per_label(gold, predicted)
    header = ("label", "true", "predicted", "precision", "recall", "F1")
    return Table(title, header, [(names[k], true[k], said[k], *map(float, found)) for k, found in scores.items()])


def confusion_table(title: str, gold: Array, predicted: Array, names: list[str]) -> Table:
    """How often each true label (a row) was predicted as each label (a column).

    Args:
        title: what is counted.
        gold: int (N,), label ids.
        predicted: int (N,), label ids.
        names: the labels by id.
    """
    counts = metrics.confusion(gold, predicted, len(names))
    used = np.flatnonzero(counts.sum(0) + counts.sum(1)).tolist()
    rows: list[tuple[Cell, ...]] = [(names[k], *counts[k, used].tolist()) for k in used]
    return Table(title, ("true \\ predicted", *(names[k] for k in used)), rows)
