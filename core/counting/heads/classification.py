"""The counting head of kind ``sequence``: a class prior and one count model per class."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from core.counting.base import CountHead, CountModel
from core.counting.checks import check_integers
from core.counting.inner_notes import InnerNotes
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, UNK, Vocab
from core.errors import DataError
from core.model.context import Context
from core.types import Arrays, Float64s, Int64s

UNKNOWN = ("singletons", "score", "skip")
BAGS = (0.0, 0.3, 0.5)


class ClassificationCountHead(CountHead):
    """Bayes' rule: P(class | row) is proportional to P(class) times P(row | class), a count model per class.

    With a model of order 1 it is multinomial naive Bayes (McCallum and Nigam, 1998), with longer ones the chain
    augmented naive Bayes of Peng, Schuurmans and Wang (2004).

    Args:
        make_model: creates a count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        unknown: score: the models score unknown words, though training has none; singletons: the models learn
            them from words that occur once, which are read as unknown; skip: they are left out; auto: chosen on
            dev.
        bag: the weight of the words scored one by one, without their row (P(row | class) is then a product of
            powers); auto: chosen on dev.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        unknown: Literal["auto", "singletons", "score", "skip"] = "auto",
        bag: Annotated[float, Ge(0), Le(1)] | Literal["auto"] = "auto",
    ) -> None:
        super().__init__(make_model, vocab, labels)
        self.unknown: str = UNKNOWN[0] if unknown == "auto" else unknown
        self.bag: float = BAGS[0] if bag == "auto" else bag
        self.size = labels.size - FIRST if labels is not None else 0
        self.counts = np.zeros(self.size, dtype=np.int64)
        weights = {"rows": 1 - self.bag, "words": self.bag}
        self.weights = {part: weight for part, weight in weights.items() if weight > 0}
        self.models: dict[tuple[str, int], CountModel] = {}  # (part, class) -> model

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Each treatment of unknown words, with a bag of 0, 0.3 and 0.5."""
        unknown, bag = (options.get(name, "auto") for name in ("unknown", "bag"))
        pairs = product(BAGS if bag == "auto" else (bag,), UNKNOWN if unknown == "auto" else (unknown,))
        return [{**options, "unknown": u, "bag": b} for b, u in pairs]

    def _make_models(self) -> None:
        keys = product(self.weights, range(self.size))
        self.models = {key: self.make_model(self.vocab.size) for key in keys}

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        classes, dev_classes = _classes(train), _classes(dev)
        self.counts = np.array([np.count_nonzero(classes == c) for c in range(self.size)], dtype=np.int64)
        if not self.counts.any():
            raise DataError("no training row has a class", where="data", remedy="check the column of labels")
        rows, dev_rows = self._read(train), self._read(dev)
        self._make_models()
        notes = InnerNotes(context)
        for (part, c), model in self.models.items():
            own, held_out = (
                rows.select(np.flatnonzero(classes == c)),
                dev_rows.select(np.flatnonzero(dev_classes == c)),
            )
            model.fit(_split_rows(own, part), _split_rows(held_out, part), notes.of_model(part == "rows"))
        notes.report()

    def _read(self, corpus: Corpus) -> Ragged:
        """The rows as the models see them."""
        rows = corpus.closed
        if self.unknown != "singletons":
            return rows
        once = self.vocab.counts == 1
        once[:FIRST] = False
        return Ragged(np.where(once[rows.values], np.int32(UNK), rows.values), rows.offsets)

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``."""
        rows = self._read(corpus)
        with np.errstate(divide="ignore"):  # a class without rows has no mass
            prior = np.log(self.counts / self.counts.sum())
        joint = np.tile(prior, (len(rows), 1))  # (R, C)
        for (part, c), model in self.models.items():
            joint[:, c] += self.weights[part] * self._score(model, rows, part)
        joint[np.isneginf(joint).all(axis=1)] = prior  # no class can have generated the row (smoothing=mle)
        log_probs = joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
        return {"label": (log_probs.argmax(axis=1) + FIRST).astype(np.int32), "log_probs": log_probs}

    def _score(self, model: CountModel, rows: Ragged, part: str) -> Float64s:
        """The log-probability of each row under one class, (R,)."""
        scores = np.zeros(len(rows.values))
        if part == "words":
            scores[rows.inner] = model.log_probs(_split_rows(rows, part))[::2]
        else:
            scores[:] = model.log_probs(rows)
        if self.unknown == "skip":
            scores[rows.values == UNK] = 0.0
        return np.add.reduceat(scores, rows.offsets[:-1]) if len(rows) else np.zeros(0)

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        named: Arrays = {"counts": self.counts}
        for (part, c), model in self.models.items():
            named |= {f"{part}.{c}.{name}": array for name, array in model.arrays().items()}
        return named

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        check_integers("counts", arrays["counts"], (self.size,), 0, 1 << 62)
        self.counts = arrays["counts"]
        self._make_models()
        for (part, c), model in self.models.items():
            prefix = f"{part}.{c}."
            model.restore({n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)})

    def facts(self) -> dict[str, Any]:
        """The facts of the first class's model, and the number of training rows per class."""
        own = next(iter(self.models.values())).facts() if self.models else {}
        return {**own, "rows": self.counts.tolist(), "unknown": self.unknown, "bag": self.bag}


def _split_rows(rows: Ragged, part: str) -> Ragged:
    """The rows unchanged, or each of their tokens as a row of its own (without their END)."""
    if part == "rows":
        return rows
    words = rows.values[rows.inner]
    values = np.full(2 * len(words), END, dtype=words.dtype)
    values[::2] = words
    return Ragged(values, np.arange(0, len(values) + 1, 2))


def _classes(corpus: Corpus) -> Int64s:
    """The class of each row from 0, int64 (R,); below 0 or beyond the last if training does not have it."""
    targets = corpus.targets
    return targets.values[targets.offsets[:-1]].astype(np.int64) - FIRST
