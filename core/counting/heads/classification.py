"""The counting head of kind ``sequence``: a class prior and one count model per class."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from core.config.space import Search
from core.counting.base import CountHead, CountModel
from core.counting.checks import check_floats, check_integers
from core.counting.inner_notes import InnerNotes
from core.counting.log_linear import combine, fit_weights
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, UNK, Vocab
from core.errors import DataError
from core.model.context import Context
from core.types import Arrays, Float64s, Int64s

UNKNOWN = ("score", "skip", "singletons")  # tried on dev, the simplest first
BAGS = (0.5, 0.0)


class ClassificationCountHead(CountHead):
    """Bayes' rule: P(class | row) is proportional to P(class) times P(row | class), a count model per class.

    With a model of order 1 it is multinomial naive Bayes (McCallum and Nigam, 1998), with longer ones the chain
    augmented naive Bayes of Peng, Schuurmans and Wang (2004).

    Args:
        make_model: creates a count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        unknown: score: the models score unknown words, though training has none; singletons: the models learn
            them from words that occur once, which are read as unknown; skip: they are left out; auto: score,
            unless dev separates another one from it.
        bag: the weight of the words scored one by one, without their row (P(row | class) is then a product of
            powers); auto: 0.5, unless dev separates 0 from it.
        weights: fitted: the prior, each order of the models and the words have weights of their own, fitted on dev
            and shrunk towards Bayes' rule; bayes: the rule itself.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        unknown: Annotated[Literal["auto", "singletons", "score", "skip"], Search(choices=UNKNOWN)] = "auto",
        bag: Annotated[Annotated[float, Ge(0), Le(1)] | Literal["auto"], Search(0, 1)] = "auto",
        weights: Literal["fitted", "bayes"] = "fitted",
    ) -> None:
        super().__init__(make_model, vocab, labels)
        self.unknown: str = UNKNOWN[0] if unknown == "auto" else unknown
        self.bag: float = BAGS[0] if bag == "auto" else bag
        self.fits = weights == "fitted"
        self.size = labels.size - FIRST if labels is not None else 0
        self.counts = np.zeros(self.size, dtype=np.int64)
        powers = {"rows": 1 - self.bag, "words": self.bag}
        self.powers = {part: power for part, power in powers.items() if power > 0}
        self.models: dict[tuple[str, int], CountModel] = {}  # (part, class) -> model
        self.scored: tuple[Corpus, tuple[Float64s, Float64s]] | None = None  # dev, until it is predicted
        self.weights: Float64s | None = None  # (J,), of the prior, each order of the rows, and the words

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Each treatment of unknown words, with and without the bag."""
        unknown, bag = (options.get(name, "auto") for name in ("unknown", "bag"))
        pairs = product(BAGS if bag == "auto" else (bag,), UNKNOWN if unknown == "auto" else (unknown,))
        return [{**options, "unknown": u, "bag": b} for b, u in pairs]

    def _make_models(self) -> None:
        keys = product(self.powers, range(self.size))
        self.models = {key: self.make_model(self.vocab.size) for key in keys}

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        classes, dev_classes = self.classes(train), self.classes(dev)
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
        self.weights = self.scored = None
        if self.fits and len(dev):
            self.scored = dev, self._parts(dev)
            self.weights = fit_weights(*self.scored[1], dev_classes)

    def classes(self, corpus: Corpus) -> Int64s:
        """The class of each row from 0, int64 (R,); below 0 or beyond the last if training does not have it."""
        targets = corpus.targets
        return targets.values[targets.offsets[:-1]].astype(np.int64) - FIRST

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
        known, self.scored = self.scored, None
        parts, start = known[1] if known is not None and known[0] is corpus else self._parts(corpus)
        log_probs = combine(parts, start if self.weights is None else self.weights, start)
        return {"label": (log_probs.argmax(axis=1) + FIRST).astype(np.int32), "log_probs": log_probs}

    def _parts(self, corpus: Corpus) -> tuple[Float64s, Float64s]:
        """The prior, each order of the rows, and the words: (J, R, C); and their weights in Bayes' rule, (J,)."""
        rows = self._read(corpus)
        with np.errstate(divide="ignore"):  # a class without rows has no mass
            prior = np.log(self.counts / self.counts.sum())
        parts, start = [np.tile(prior, (1, len(rows), 1))], [1.0]  # (1, R, C)
        for part, power in self.powers.items():
            of_class = [self._score(self.models[part, c], rows, part) for c in range(self.size)]  # (K, R) each
            parts.append(np.stack(of_class, axis=-1))
            start += [0.0] * (len(of_class[0]) - 1) + [power]
        return np.concatenate(parts), np.array(start)

    def _score(self, model: CountModel, rows: Ragged, part: str) -> Float64s:
        """The log-probability of each row under one class, by each order of its model (words: one), (K, R)."""
        if part == "words":
            scores = np.zeros((1, len(rows.values)))
            scores[0, rows.inner] = model.log_probs(_split_rows(rows, part))[::2]
        elif self.fits:
            scores = np.array(model.log_probs_by_order(rows), dtype=np.float64)
        else:
            scores = np.array(model.log_probs(rows), dtype=np.float64)[None]
        if self.unknown == "skip":
            scores[:, rows.values == UNK] = 0.0
        return np.add.reduceat(scores, rows.offsets[:-1], axis=1) if len(rows) else np.zeros((len(scores), 0))

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        named: Arrays = {"counts": self.counts}
        if self.weights is not None:
            named["weights"] = self.weights
        for (part, c), model in self.models.items():
            named |= {f"{part}.{c}.{name}": array for name, array in model.arrays().items()}
        return named

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        check_integers("counts", arrays["counts"], (self.size,), 0, 1 << 62)
        self.counts, self.weights = arrays["counts"], arrays.get("weights")  # older runs have no weights
        self.fits = self.weights is not None
        self._make_models()
        for (part, c), model in self.models.items():
            prefix = f"{part}.{c}."
            model.restore({n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)})
        if self.weights is not None:
            empty = Ragged(np.zeros(0, np.int32), np.zeros(1, np.int64))
            orders = [len(self._score(self.models[part, 0], empty, part)) for part in self.powers]
            check_floats("weights", self.weights, (1 + sum(orders),))

    def facts(self) -> dict[str, Any]:
        """The facts of the first class's model, and the number of training rows per class."""
        own = next(iter(self.models.values())).facts() if self.models else {}
        facts = {"rows": self.counts.tolist(), "unknown": self.unknown, "bag": self.bag}
        return {**own, **facts} | ({} if self.weights is None else {"class_weights": self.weights.tolist()})


def _split_rows(rows: Ragged, part: str) -> Ragged:
    """The rows unchanged, or each of their tokens as a row of its own (without their END)."""
    if part == "rows":
        return rows
    words = rows.values[rows.inner]
    values = np.full(2 * len(words), END, dtype=words.dtype)
    values[::2] = words
    return Ragged(values, np.arange(0, len(values) + 1, 2))
