"""Sentiment, or any other label a row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core import metrics
from core.context import Arrays
from core.data.corpus import Corpus
from core.task import Task


class Sentiment(Task):
    """One of any number of classes for each row; judged by accuracy."""

    kind = "sequence"
    primary = "accuracy"

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy and macro F1."""
        gold = corpus.targets.values[corpus.targets.offsets[:-1]]
        predicted = np.asarray(predictions["label"])
        return {"accuracy": metrics.accuracy(gold, predicted), "macro_f1": metrics.macro_f1(gold, predicted)}
