"""What a linear model predicts: a class, a number or a set of labels of each row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import DataError
from core.kinds.label_set import both_sets, gold_sets
from core.kinds.row_number import gold_numbers
from core.types import Array, Arrays, Bools, Floats, Int64s
from plugins.models.linear.classifier import Settings, Weights, calibrate, log_probs, train_classifier, train_one
from plugins.models.linear.ridge import train_ridge


@dataclass
class Classes:
    """One class per row.

    Args:
        labels: the label vocabulary.
        settings: how a classifier is trained.
    """

    labels: Vocab
    settings: Settings
    ignored: ClassVar[tuple[str, ...]] = ()  # options that have no meaning here, where they are set
    weighting: ClassVar[str | None] = None  # the only weighting that has a meaning; None: any

    @property
    def height(self) -> int:
        """The number of rows of weights: for two classes one, of the second against the first."""
        size = self.labels.size - FIRST
        return 1 if size == 2 else size if size > 2 else 0

    def usable(self, train: Corpus) -> Corpus:
        """The training rows that have a class, which is any label but a literal <unk>."""
        known = np.flatnonzero(_classes(train) >= 0)
        if not len(known):
            raise DataError("no training row has a class", where="data", remedy="check the column of labels")
        return train if len(known) == len(train) else train.select(known)

    def train(self, features: Any, corpus: Corpus, strength: float, ratio: bool) -> Weights:
        """Train each class against the others."""
        return train_classifier(
            features, _classes(corpus), self.labels.size - FIRST, strength, ratio, self.settings
        )

    def finish(self, weights: Weights, scores: Floats, dev: Corpus) -> Weights:
        """With the factor that makes probabilities of scores of the hinge loss."""
        if self.settings.loss != "hinge":
            return weights
        return weights._replace(scale=calibrate(np.asarray(scores, dtype=np.float64), _classes(dev)))

    def answers(self, scores: Floats, weights: Weights) -> Arrays:
        """The most probable class, and the probabilities of all."""
        found = log_probs(np.asarray(scores, dtype=np.float64), self.settings.loss, weights.scale)
        return {"label": (found.argmax(axis=1) + FIRST).astype(np.int32), "log_probs": found.astype(np.float32)}

    def right(self, answers: Arrays, corpus: Corpus) -> Bools:
        """Which rows are answered right."""
        return np.asarray(answers["label"] - FIRST == _classes(corpus))


@dataclass
class Numbers(Classes):
    """One number per row: ridge regression."""

    height = 1
    ignored = ("loss", "class_weights", "weights")
    weighting = "tfidf"

    def usable(self, train: Corpus) -> Corpus:
        """Every row has a number."""
        return train

    def train(self, features: Any, corpus: Corpus, strength: float, ratio: bool) -> Weights:
        """Fit the numbers by ridge regression."""
        return train_ridge(features, gold_numbers(corpus), strength)

    def finish(self, weights: Weights, scores: Floats, dev: Corpus) -> Weights:
        """Nothing is left to do."""
        return weights

    def answers(self, scores: Floats, weights: Weights) -> Arrays:
        """The numbers in the units of the data."""
        return {"number": weights.centre + weights.scale * np.asarray(scores, dtype=np.float64)[:, 0]}

    def right(self, answers: Arrays, corpus: Corpus) -> Bools:
        """No number is right or wrong; there is one weighting only, so none is compared."""
        return np.zeros(len(corpus), dtype=bool)


@dataclass
class Sets(Classes):
    """A set of labels per row: logistic regression for each label."""

    ignored = ("loss",)

    def __post_init__(self) -> None:
        self.settings = replace(self.settings, loss="logistic")

    @property
    def height(self) -> int:
        """One row of weights per label."""
        return self.labels.size - FIRST

    def usable(self, train: Corpus) -> Corpus:
        """Every row has a set."""
        return train

    def train(self, features: Any, corpus: Corpus, strength: float, ratio: bool) -> Weights:
        """Train each label by itself."""
        gold = gold_sets(corpus)
        parts = [train_one(features, gold[:, i], strength, ratio, self.settings) for i in range(self.height)]
        coefficients, intercepts = zip(*parts, strict=True)
        return Weights(np.stack(coefficients), np.array(intercepts, dtype=np.float32))

    def finish(self, weights: Weights, scores: Floats, dev: Corpus) -> Weights:
        """Nothing is left to do."""
        return weights

    def answers(self, scores: Floats, weights: Weights) -> Arrays:
        """The labels with a probability of one half or more."""
        probs: Array = expit(scores).astype(np.float32)
        return {"labels": probs >= 0.5, "probs": probs}

    def right(self, answers: Arrays, corpus: Corpus) -> Bools:
        """Which rows have their whole set right."""
        return np.asarray(np.equal(*both_sets(answers, corpus)).all(axis=1))


TARGETS = {"row": Classes, "number": Numbers, "set": Sets}  # by what has a label in the data of a kind


def _classes(corpus: Corpus) -> Int64s:
    """The class of each row from 0, int64 (R,); below 0 or beyond the last if training does not have it."""
    return corpus.targets.values[corpus.targets.offsets[:-1]].astype(np.int64) - FIRST
