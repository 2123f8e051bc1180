"""Multi-label classification: any number of labels for each text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from annotated_types import MinLen

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.evaluation import set_metrics
from core.kinds.label_set import both_sets
from core.task import Task
from core.types import Arrays, Table


class MultiLabel(Task):
    """A set of labels for each row, which may be empty; scored by the F1 of all decisions together.

    Args:
        separator: what separates the labels of a row, where they are one text; lists of labels have none.
    """

    kind = "set"
    primary = "micro_f1"
    minimized = ("hamming_loss",)
    defaults: ClassVar[dict[str, Any]] = {"data": "toy-labels"}

    def __init__(self, *, separator: Annotated[str, MinLen(1)] = "|", **options: Any) -> None:
        super().__init__(**options)
        self.separator = separator

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Micro F1, macro F1 over labels, the share of rows whose set is right, the share of wrong decisions."""
        gold, predicted = both_sets(predictions, corpus)
        return {
            "micro_f1": set_metrics.micro_f1(gold, predicted),
            "macro_f1": set_metrics.macro_f1(gold, predicted),
            "subset_accuracy": set_metrics.subset_accuracy(gold, predicted),
            "hamming_loss": set_metrics.hamming_loss(gold, predicted),
        }

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """Precision, recall and F1 per label."""
        gold, predicted = both_sets(predictions, corpus)
        return [set_metrics.set_table("labels", gold, predicted, corpus.label_names[FIRST:])]
