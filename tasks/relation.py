"""Relation classification: how two marked spans of a text are related."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from core.data.corpus import Corpus
from core.evaluation import metrics
from core.evaluation.relations import relation_sums, relation_table, relations_of
from core.evaluation.report_tables import confusion_table
from core.row_sums import RowSums
from core.task import Task
from core.types import Array, Arrays, Table


class Relation(Task):
    """One of any number of relations, with a direction, between e1 and e2; scored as in SemEval-2010 task 8.

    Args:
        tokens: how raw text is cut: at white space, into characters, or into words by rules
            (``core.data.tokenizer``).
        marks: whether encoders read the marks ``<e1>``, ``</e1>``, ``<e2>`` and ``</e2>`` as tokens, or the words
            alone, with the marks hidden.
        other: the label of rows without a relation, which the macro F1 leaves out.
    """

    kind = "sequence"
    primary = "macro_f1"
    defaults: ClassVar[dict[str, Any]] = {"data": "toy-relations", "embedding": "random+position"}

    def __init__(
        self,
        *,
        tokens: Literal["space", "char", "words"] = "words",
        marks: Literal["hidden", "tokens"] = "tokens",
        other: str = "Other",
        **options: Any,
    ) -> None:
        super().__init__(tokens=tokens, **options)
        self.marks, self.other = marks, other

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """The macro F1 of the relations with their direction, without ``other``; the accuracy of all labels."""
        gold, predicted = _events(predictions, corpus)
        return {
            "macro_f1": self._sums(gold, predicted, corpus).score,
            "accuracy": metrics.accuracy(gold, predicted),
        }

    def row_sums(self, metric: str, predictions: Arrays, corpus: Corpus) -> RowSums | None:
        """See ``Task.row_sums``."""
        return self._sums(*_events(predictions, corpus), corpus) if metric == "macro_f1" else None

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """Precision, recall and F1 per relation; the confusion matrix of the labels."""
        gold, predicted = _events(predictions, corpus)
        names, _ = relations_of(corpus.label_names, self.other)
        return [
            relation_table("relations", names, self._sums(gold, predicted, corpus)),
            confusion_table("confusion of labels", gold, predicted, corpus.label_names),
        ]

    def _sums(self, gold: Array, predicted: Array, corpus: Corpus) -> RowSums:
        names, numbers = relations_of(corpus.label_names, self.other)
        return relation_sums(gold, predicted, numbers, len(names))


def _events(predictions: Arrays, corpus: Corpus) -> tuple[Array, Array]:
    """True and predicted label of each row: (R,), (R,)."""
    gold = corpus.targets.values[corpus.targets.offsets[:-1]]
    return gold, np.asarray(predictions["label"])
