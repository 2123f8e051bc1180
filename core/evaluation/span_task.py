"""What tasks share that find spans of tokens by a label per token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.data.corpus import Corpus
from core.data.schemes import Scheme
from core.evaluation import metrics, spans
from core.evaluation.report_tables import confusion_table
from core.row_sums import RowSums
from core.task import Task
from core.types import Arrays, Table


class SpanTask(Task):
    """Spans of tokens with types, one label per token; scored by the F1 of whole spans.

    A predicted span is right if a true one has the same tokens and the same type. Labels may be BIO (IOB2), IOB1
    or BIOES (also BILOU); those that are not valid are repaired, as conlleval reads them.

    Args:
        scheme: the scheme that models learn and predictions are written in: bio (or iob2), iob1, bioes (or iobes);
            auto: that of the training labels.
        strict: whether predicted spans count only if their labels are valid in the scheme (``seqeval`` with
            ``mode="strict"``), and are not repaired as conlleval does.
    """

    kind = "token"
    primary = "f1"
    scheme: str = "auto"

    def __init__(self, *, scheme: Scheme = "auto", strict: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.scheme, self.strict, self.rule = scheme, strict, "strict" if strict else ""

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """F1, precision and recall of spans, mean F1 of the types, and the share of right labels."""
        gold = corpus.targets.values[corpus.targets.inner]
        pairs = spans.span_pairs(predictions, corpus, self.strict)
        return {**spans.scores(pairs), "accuracy": metrics.accuracy(gold, predictions["label"])}

    def row_sums(self, metric: str, predictions: Arrays, corpus: Corpus) -> RowSums | None:
        """The spans of each row that are right, true and predicted; see ``Task.row_sums``."""
        if (formula := spans.FORMULAS.get(metric)) is None:
            return None
        pairs = spans.span_pairs(predictions, corpus, self.strict)
        return RowSums(pairs.row_sums(len(corpus)), formula)

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """Spans by type, what became of the true ones, and the confusion matrix of labels."""
        pairs = spans.span_pairs(predictions, corpus, self.strict)
        gold = corpus.targets.values[corpus.targets.inner]
        confusion = confusion_table("confusion of labels", gold, predictions["label"], corpus.label_names)
        return [spans.type_table(pairs), spans.mistake_table(pairs), confusion]
