"""Part-of-speech tagging: a tag a token."""

from __future__ import annotations

from collections.abc import Mapping

from core import metrics
from core.context import Arrays
from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.task import Task


class PartOfSpeech(Task):
    """A tag for each token; judged by accuracy."""

    kind = "token"
    primary = "accuracy"

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy (all, known words, those outside the vocabulary), macro F1, whole sentences."""
        inner = corpus.tokens.inner
        gold, predicted = corpus.targets.values[inner], predictions["label"]
        unknown = corpus.closed.values[inner] == UNK
        return {
            "accuracy": metrics.accuracy(gold, predicted),
            "known": metrics.accuracy(gold, predicted, ~unknown),
            "unknown": metrics.accuracy(gold, predicted, unknown),
            "macro_f1": metrics.macro_f1(gold, predicted),
            "sentences": metrics.whole_rows(gold == predicted, corpus.tokens.lengths - 1),
        }
