"""Sentiment, or any other label per row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.data.corpus import Corpus
from core.evaluation import metrics
from core.evaluation.report_tables import confusion_table, label_table
from core.task import Task
from core.types import Array, Arrays, Table


class Sentiment(Task):
    """One of any number of classes for each row; scored by accuracy."""

    kind = "sequence"
    primary = "accuracy"

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy and macro F1."""
        gold, predicted = _events(predictions, corpus)
        return {"accuracy": metrics.accuracy(gold, predicted), "macro_f1": metrics.macro_f1(gold, predicted)}

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """Precision, recall and F1 per class; the confusion matrix."""
        gold, predicted = _events(predictions, corpus)
        names = corpus.label_names
        return [
            label_table("classes", gold, predicted, names),
            confusion_table("confusion of classes", gold, predicted, names),
        ]


def _events(predictions: Arrays, corpus: Corpus) -> tuple[Array, Array]:
    """True and predicted class of each row: (R,), (R,)."""
    gold = corpus.targets.values[corpus.targets.offsets[:-1]]
    return gold, np.asarray(predictions["label"])
