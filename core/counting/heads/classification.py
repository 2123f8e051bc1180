"""The counting head of kind ``sequence``: a class prior and one count model a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from core.counting.base import CountHead, CountModel
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, UNK, Vocab
from core.errors import DataError
from core.model.context import Context
from core.types import Arrays, Float64s, Int64s

UNKNOWN = ("singletons", "score", "skip")
BAGS = (0.0, 0.3, 0.5)


class ClassificationCountHead(CountHead):
    """Bayes' rule: P(class | row) is in proportion to P(class) times P(row | class), a count model a class.

    With a model of order 1 it is multinomial naive Bayes (McCallum and Nigam, 1998), with longer ones the chain
    augmented naive Bayes of Peng, Schuurmans and Wang (2004).

    Args:
        make_model: builds one count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        unknown: score: the models score unknown words, though training has none; singletons: they learn them from
            the words that occur once, which are read as unknown; skip: they are left out; auto: chosen on dev.
        bag: the share of the score that the words have each on its own, not in their row (P(row | class) is a
            product of powers then); auto: chosen on dev.
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
        parts = {"rows": 1 - self.bag, "words": self.bag}
        self.shares = {part: share for part, share in parts.items() if share > 0}
        self.models: dict[str, list[CountModel]] = {}

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Each way to treat unknown words, with a bag of 0, 0.3 and 0.5."""
        unknown, bag = (options.get(name, "auto") for name in ("unknown", "bag"))
        return [
            {**options, "unknown": u, "bag": b}
            for b in (BAGS if bag == "auto" else (bag,))
            for u in (UNKNOWN if unknown == "auto" else (unknown,))
        ]

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        classes, held_out = _classes(train), _classes(dev)
        self.counts = np.array([np.count_nonzero(classes == c) for c in range(self.size)], dtype=np.int64)
        if not self.counts.any():
            raise DataError("no training row has a class", where="data", remedy="check the column of labels")
        rows, dev_rows = self._read(train), self._read(dev)
        for part in self.shares:
            self.models[part] = [self.make_model(self.vocab.size) for _ in range(self.size)]
            for c, model in enumerate(self.models[part]):
                own, other = (
                    rows.select(np.flatnonzero(classes == c)),
                    dev_rows.select(np.flatnonzero(held_out == c)),
                )
                model.fit(_parted(own, part), _parted(other, part), context)

    def _read(self, corpus: Corpus) -> Ragged:
        """The rows as the models see them."""
        rows = corpus.closed
        if self.unknown != "singletons":
            return rows
        once = self.vocab.counts == 1
        once[:FIRST] = False
        return Ragged(np.where(once[rows.values], np.int32(UNK), rows.values), rows.offsets)

    def predict(self, corpus: Corpus) -> Arrays:
        """See ``CountHead.predict``."""
        rows = self._read(corpus)
        with np.errstate(divide="ignore"):  # a class without a row has no mass
            prior = np.log(self.counts / self.counts.sum())
        joint = np.tile(prior, (len(rows), 1))  # (R, C)
        for part, share in self.shares.items():
            for c, model in enumerate(self.models[part]):
                joint[:, c] += share * self._score(model, rows, part)
        joint[np.isneginf(joint).all(axis=1)] = prior  # no class can have written the row (smoothing=mle)
        log_probs = joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
        return {"label": (log_probs.argmax(axis=1) + FIRST).astype(np.int32), "log_probs": log_probs}

    def _score(self, model: CountModel, rows: Ragged, part: str) -> Float64s:
        """The log-probability of each row under one class, (R,)."""
        scores = np.zeros(len(rows.values))
        if part == "words":
            scores[rows.inner] = model.log_probs(_parted(rows, part))[::2]
        else:
            scores[:] = model.log_probs(rows)
        if self.unknown == "skip":
            scores[rows.values == UNK] = 0.0
        return np.add.reduceat(scores, rows.offsets[:-1]) if len(rows) else np.zeros(0)

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        named: Arrays = {"counts": self.counts}
        for part, models in self.models.items():
            for c, model in enumerate(models):
                named |= {f"{part}.{c}.{name}": array for name, array in model.arrays().items()}
        return named

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        self.counts = arrays["counts"]
        for part in self.shares:
            self.models[part] = [self.make_model(self.vocab.size) for _ in range(self.size)]
            for c, model in enumerate(self.models[part]):
                mark = f"{part}.{c}."
                model.restore({n.removeprefix(mark): array for n, array in arrays.items() if n.startswith(mark)})

    def facts(self) -> dict[str, Any]:
        """The facts of the first class's model, and the training rows a class."""
        own = next(iter(self.models.values()))[0].facts() if self.size and self.models else {}
        return {**own, "rows": self.counts.tolist(), "unknown": self.unknown, "bag": self.bag}


def _parted(rows: Ragged, part: str) -> Ragged:
    """The rows as they are, or each of their tokens as a row of its own (their END is left out)."""
    if part == "rows":
        return rows
    words = rows.values[rows.inner]
    values = np.full(2 * len(words), END, dtype=words.dtype)
    values[::2] = words
    return Ragged(values, np.arange(0, len(values) + 1, 2))


def _classes(corpus: Corpus) -> Int64s:
    """int64 (R,): the class of each row from 0; below 0 or beyond the last where it has none of training's."""
    targets = corpus.targets
    return targets.values[targets.offsets[:-1]].astype(np.int64) - FIRST
