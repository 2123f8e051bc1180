"""The counting head of kind ``set``: for each label, a model of the rows that have it and one of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt, Lt

from core.counting.base import CountModel
from core.counting.checks import check_floats
from core.counting.heads.classification import ClassificationCountHead
from core.data.corpus import Corpus
from core.data.vocab import SPECIALS, Vocab
from core.errors import DataError
from core.kinds.label_set import gold_sets
from core.kinds.thresholds import HALF, best_threshold
from core.model.context import Context
from core.types import Arrays, Float32s, Int64s

PAIR = Vocab([*SPECIALS, "without", "with"], np.ones(4, dtype=np.int64))


class LabelSetCountHead(ClassificationCountHead):
    """Binary relevance: a classifier of kind ``sequence`` decides for each label whether a row has it.

    Args:
        make_model: creates a count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        threshold: the probability from which a label is predicted; auto: the one of 0.05, 0.10, ..., 0.95 with the
            best score on dev.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        threshold: Annotated[float, Gt(0), Lt(1)] | Literal["auto"] = 0.5,
        **options: Any,
    ) -> None:
        super().__init__(make_model, vocab, labels, **options)
        if not self.size:
            raise DataError("no training row has a label", where="data", remedy="check the column of labels")
        self.undecided = threshold == "auto"
        self.threshold = HALF if threshold == "auto" else threshold
        self.heads = [_OneLabel(make_model, vocab, PAIR, label, **options) for label in range(self.size)]

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        quiet = replace(context, notify=lambda event, **facts: None)
        for head in self.heads:  # what one of them says of the rows holds for all
            head.fit(train, dev, context if head is self.heads[0] else quiet)
        if self.undecided and len(dev):
            self.threshold = best_threshold(self._probs(dev), lambda arrays: context.score(arrays, dev))

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``."""
        probs = self._probs(corpus)
        return {"labels": probs >= self.threshold, "probs": probs}

    def _probs(self, corpus: Corpus) -> Float32s:
        """The probability of each label in each row: float32 (R, L)."""
        columns = [np.exp(head.predict(corpus)["log_probs"][:, 1]) for head in self.heads]
        return np.stack(columns, axis=-1).astype(np.float32)

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        own: Arrays = {"threshold": np.array(self.threshold)}
        for label, head in enumerate(self.heads):
            own |= {f"{label}.{name}": array for name, array in head.arrays().items()}
        return own

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        check_floats("threshold", arrays["threshold"], (), 1.0)
        self.threshold = float(arrays["threshold"])
        for label, head in enumerate(self.heads):
            prefix = f"{label}."
            head.restore({n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)})

    def facts(self) -> dict[str, Any]:
        """The facts of the first label's classifier, the training rows with each label, and the threshold."""
        rows = [int(head.counts[1]) for head in self.heads]
        return {**self.heads[0].facts(), "rows": rows, "threshold": self.threshold}


class _OneLabel(ClassificationCountHead):
    """Whether rows have one label (``label``, from 0)."""

    def __init__(
        self, make_model: Callable[[int], CountModel], vocab: Vocab, labels: Vocab, label: int, **options: Any
    ) -> None:
        super().__init__(make_model, vocab, labels, **options)
        self.label = label

    def classes(self, corpus: Corpus) -> Int64s:
        """1 for a row with the label, else 0."""
        return gold_sets(corpus)[:, self.label].astype(np.int64)
