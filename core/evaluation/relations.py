"""The official score of SemEval-2010 task 8: relations with a direction (Hendrickx et al., 2010)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.row_sums import RowSums, label_counts, macro_f1_of_true
from core.types import Array, Cell, Int64s, Table

_DIRECTION = re.compile(r"\((?:e1,e2|e2,e1)\)$")


def relation_name(label: str) -> str:
    """A label without its direction: ``Cause-Effect(e2,e1)`` is ``Cause-Effect``."""
    return _DIRECTION.sub("", label)


def relations_of(labels: Sequence[str], other: str) -> tuple[list[str], Int64s]:
    """The relations of labels, in alphabetical order, and the number of each label's relation.

    Args:
        labels: the labels by id.
        other: the label of rows without a relation, whose number is that of relations.
    """
    names = sorted({relation_name(label) for label in labels if label != other})
    numbers = {name: number for number, name in enumerate(names)}
    found = [len(names) if label == other else numbers[relation_name(label)] for label in labels]
    return names, np.array(found, dtype=np.int64)


def relation_sums(gold: Array, predicted: Array, numbers: Int64s, count: int) -> RowSums:
    """What each row adds to the official score.

    A label with the right relation and the wrong direction counts as a prediction of that relation, and as a
    wrong one. Rows without a relation count only where one is predicted for them.

    Args:
        gold: int (R,), label ids.
        predicted: int (R,), label ids.
        numbers: int64 (L,), the relation of each label, ``count`` where it is none.
        count: the number of relations.
    """
    true, answered = numbers[gold], numbers[predicted]
    one = np.ones(len(gold), dtype=np.int64)
    sums = label_counts(true, answered, one, count + 1).reshape(-1, 3, count + 1)  # right, true, predicted
    sums[:, 0] *= (gold == predicted)[:, None]
    return RowSums(sums[:, :, :count].reshape(len(gold), -1), macro_f1_of_true)


def relation_table(title: str, names: Sequence[str], sums: RowSums) -> Table:
    """How often each relation is true, predicted, predicted with the wrong direction; precision, recall and F1.

    Args:
        title: the title of the table.
        names: the relations.
        sums: of ``relation_sums``.
    """
    right, true, answered = sums.values.sum(0).reshape(3, -1)
    precision, recall = (100 * right / np.maximum(1, part) for part in (answered, true))
    f1 = 200 * right / np.maximum(1, true + answered)
    header = ("relation", "true", "predicted", "right", "precision", "recall", "F1")
    counts = zip(*(part.astype(int).tolist() for part in (true, answered, right)), strict=True)
    scores = zip(*(part.tolist() for part in (precision, recall, f1)), strict=True)
    rows: list[tuple[Cell, ...]] = [
        (name, *count, *score) for name, count, score in zip(names, counts, scores, strict=True) if any(count)
    ]
    return Table(title, header, rows)
