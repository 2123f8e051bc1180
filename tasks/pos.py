"""Part-of-speech tagging: one tag per token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.evaluation import metrics
from core.evaluation.report_tables import confusion_table, label_table
from core.task import Task
from core.types import Array, Arrays, Table


class PartOfSpeech(Task):
    """A tag for each token; scored by accuracy."""

    kind = "token"
    primary = "accuracy"
    defaults: ClassVar[dict[str, Any]] = {"embedding": "random+affix"}  # affixes predict the tags of unknown words

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy (of all, known and unknown words), macro F1, share of sentences without an error."""
        gold, predicted, unknown = _events(predictions, corpus)
        return {
            "accuracy": metrics.accuracy(gold, predicted),
            "known": metrics.accuracy(gold, predicted, ~unknown),
            "unknown": metrics.accuracy(gold, predicted, unknown),
            "macro_f1": metrics.macro_f1(gold, predicted),
            "sentences": metrics.whole_rows(gold == predicted, corpus.tokens.lengths - 1),
        }

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """Precision, recall and F1 per tag for all, known and unknown words; the confusion matrix."""
        gold, predicted, unknown = _events(predictions, corpus)
        names = corpus.label_names
        return [
            label_table("tags", gold, predicted, names),
            label_table("tags of known words", gold[~unknown], predicted[~unknown], names),
            label_table("tags of unknown words", gold[unknown], predicted[unknown], names),
            confusion_table("confusion of tags", gold, predicted, names),
        ]


def _events(predictions: Arrays, corpus: Corpus) -> tuple[Array, Array, Array]:
    """True tags, predicted tags, and which words are unknown: each (N,)."""
    inner = corpus.tokens.inner
    return corpus.targets.values[inner], predictions["label"], corpus.closed.values[inner] == UNK
