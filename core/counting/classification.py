"""The counting head of kind ``sequence``: a class prior and one count model a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from core.context import Arrays, Context
from core.counting.contract import CountHead, CountModel
from core.data.corpus import Corpus
from core.data.vocab import FIRST, UNK, Vocab
from core.errors import DataError


class ClassificationCountHead(CountHead):
    """Bayes' rule: P(class | row) is in proportion to P(class) times P(row | class), a count model a class.

    With a model of order 1 it is multinomial naive Bayes (McCallum and Nigam, 1998).

    Args:
        make_model: builds one count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        unknown: whether unknown words are scored by the models or skipped; auto: chosen on dev.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        unknown: Literal["auto", "score", "skip"] = "auto",
    ) -> None:
        super().__init__(make_model, vocab, labels)
        self.unknown = "score" if unknown == "auto" else unknown
        self.size = labels.size - FIRST if labels is not None else 0
        self.counts = np.zeros(self.size, dtype=np.int64)
        self.models: list[CountModel] = []

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Both ways to treat unknown words."""
        given = options.get("unknown", "auto")
        return [{**options, "unknown": u} for u in (("score", "skip") if given == "auto" else (given,))]

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        classes = _classes(train)
        self.counts = np.array([np.count_nonzero(classes == c) for c in range(self.size)], dtype=np.int64)
        if not self.counts.any():
            raise DataError("no training row has a class", where="data", remedy="check the column of labels")
        dev_classes = _classes(dev)
        self.models = [self.make_model(self.vocab.size) for _ in range(self.size)]
        for c, model in enumerate(self.models):
            rows, held_out = np.flatnonzero(classes == c), np.flatnonzero(dev_classes == c)
            model.fit(train.closed.select(rows), dev.closed.select(held_out), context)

    def predict(self, corpus: Corpus) -> Arrays:
        """See ``CountHead.predict``."""
        rows = corpus.closed
        joint = np.empty((len(rows), self.size))  # (R, C)
        ignored = rows.values == UNK if self.unknown == "skip" else np.zeros(len(rows.values), dtype=bool)
        with np.errstate(divide="ignore"):  # a class without a row has no mass
            prior = np.log(self.counts / self.counts.sum())
        for c, model in enumerate(self.models):
            scores = np.where(ignored, 0.0, model.log_probs(rows))
            joint[:, c] = prior[c] + (np.add.reduceat(scores, rows.offsets[:-1]) if len(rows) else 0.0)
        log_probs = joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
        return {"label": (log_probs.argmax(axis=1) + FIRST).astype(np.int32), "log_probs": log_probs}

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        named: Arrays = {"counts": self.counts}
        for c, model in enumerate(self.models):
            named |= {f"{c}.{name}": array for name, array in model.arrays().items()}
        return named

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        self.counts = arrays["counts"]
        self.models = [self.make_model(self.vocab.size) for _ in range(self.size)]
        for c, model in enumerate(self.models):
            own = {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith(f"{c}.")}
            model.restore(own)

    def facts(self) -> dict[str, Any]:
        """The facts of the first class's model, and the training rows a class."""
        own = self.models[0].facts() if self.models else {}
        return {**own, "rows": self.counts.tolist(), "unknown": self.unknown}


def _classes(corpus: Corpus) -> np.ndarray[Any, np.dtype[np.int64]]:
    """int64 (R,): the class of each row from 0; below 0 or beyond the last where it has none of training's."""
    targets = corpus.targets
    return targets.values[targets.offsets[:-1]].astype(np.int64) - FIRST
