"""A linear model over n-grams of words and characters; weighting and strength are chosen on dev."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from core.config.space import Search
from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import ConfigError, DataError
from core.kinds.base import Kind
from core.model.context import Context
from core.model.interface import Model
from core.model.runtime import Runtime
from core.types import Arrays
from plugins.models.linear import storage
from plugins.models.linear.classifier import Settings
from plugins.models.linear.features import Features, Lengths, stacked
from plugins.models.linear.selection import Fitted, candidates, choose
from plugins.models.linear.targets import TARGETS
from plugins.models.linear.weighting import binary, idf, tfidf

IGNORED = "linear.option"  # the code of a note
USUAL = ("auto", "tfidf", "logistic", "equal")  # values that need no note where an option has no meaning


class Linear(Model):
    """Logistic regression or a linear support vector machine over n-grams of words, and of characters in words.

    ``weights=ratio loss=hinge`` is NBSVM (Wang and Manning, 2012) without interpolation, on rows of length 1. A
    number per row is fitted by ridge regression, a set of labels by logistic regression for each label.

    Args:
        vocab: the token vocabulary; words that are too rare for it are features too.
        labels: the label vocabulary.
        kind: what the task predicts; None: one label per row.
        words: the longest n-grams of words; 0 leaves words out.
        shortest: the shortest n-grams of characters in a word, with a mark on each side of it.
        longest: the longest n-grams of characters; 0 leaves characters out.
        min_count: how often an n-gram must occur in training.
        weights: tfidf, or ratio, the log-count ratios of naive Bayes (Wang and Manning, 2012, eq. 2); auto takes
            tfidf unless ratio is better on dev by more than two standard errors.
        strength: C, the weight of the loss against that of the squared weights; auto: chosen on dev.
        loss: logistic, or hinge, the squared hinge loss of a support vector machine, whose scores become
            probabilities by one factor fitted on dev (Guo et al., 2017, eq. 9).
        smoothing: what is added to the counts of the log-count ratios.
        class_weights: equal gives every row the same weight, balanced every class.
    """

    seeded = False

    def __init__(
        self,
        vocab: Vocab,
        labels: Vocab,
        kind: Kind | None = None,
        *,
        words: Annotated[int, Ge(0), Le(5), Search(1, 3)] = 2,
        shortest: Annotated[int, Ge(1), Le(10)] = 2,
        longest: Annotated[int, Ge(0), Le(10), Search(choices=(0, 4, 5, 6))] = 6,
        min_count: Annotated[int, Gt(0)] = 1,
        weights: Annotated[Literal["auto", "tfidf", "ratio"], Search(choices=("tfidf", "ratio"))] = "auto",
        strength: Annotated[
            Annotated[float, Gt(0), Le(1e6)] | Literal["auto"], Search(1e-2, 1e2, log=True)
        ] = "auto",
        loss: Annotated[Literal["logistic", "hinge"], Search(choices=("logistic", "hinge"))] = "logistic",
        smoothing: Annotated[float, Gt(0)] = 1.0,
        class_weights: Literal["equal", "balanced"] = "equal",
    ) -> None:
        super().__init__()
        if not words and not longest:
            what, remedy = "neither words nor characters are features", "raise it, or encoder.longest"
            raise ConfigError(what, where="encoder.words", remedy=remedy)
        if 0 < longest < shortest:
            what = f"n-grams of {shortest} to {longest} characters"
            raise ConfigError(what, where="encoder.longest", remedy="make it no shorter than encoder.shortest")
        target = TARGETS[str(kind.labels) if kind else "row"]
        self.target = target(labels, Settings(loss, class_weights == "balanced", smoothing))
        given = {"loss": loss, "class_weights": class_weights, "weights": weights}
        self.ignored = [f"encoder.{key}={given[key]}" for key in target.ignored if given[key] not in USUAL]
        self.is_auto = weights == "auto"
        self.lengths = Lengths(words, shortest, longest, min_count)
        self.weighting: str = target.weighting or weights
        self.strength: float | str = strength

    @classmethod
    def compile(cls) -> None:
        """See ``Model.compile``."""
        import sklearn.linear_model
        import sklearn.svm  # noqa: F401 - imported ahead

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Count the n-grams of train and train the candidates; dev decides."""
        for option in self.ignored:
            text = f"{option} has no meaning without one class per row, and is not used"
            context.notify("note", code=IGNORED, text=text, values={"option": option})
        train = self.target.usable(train)
        self.features = Features.fit(train, self.lengths)
        if not sum(self.features.sizes):
            what = f"no n-gram occurs {self.lengths.min_count:,} times in the {len(train):,} training rows"
            raise DataError(what, where="encoder.min_count", remedy="lower it, or raise encoder.words")
        counts, dev_counts = (stacked(self.features.count(corpus)) for corpus in (train, dev))
        self.idf = np.concatenate([idf(part) for part in counts])
        steps, done = candidates(self.weighting, self.strength), 0

        def fit(weighting: str, strengths: Sequence[float]) -> list[Fitted]:
            nonlocal done
            features, dev_features = self._weigh(weighting, counts), self._weigh(weighting, dev_counts)
            found = []
            for strength in strengths:
                weights = self.target.train(features, train, strength, weighting == "ratio")
                answers = self.target.answers(weights.scores(dev_features), weights)
                right = self.target.right(answers, dev)
                found.append(Fitted(weighting, strength, weights, context.score(answers, dev), right))
                done += 1
                if steps > 1:
                    context.notify("progress", step=done, steps=steps)
            return found

        best = choose(self.weighting, self.strength, fit)
        given = {"weights": "auto" if self.is_auto else "", "strength": self.strength}
        found = {"weights": best.weighting, "strength": best.strength}
        self.chosen = {f"encoder.{name}": found[name] for name, value in given.items() if value == "auto"}
        self.weighting, self.strength, self.weights = best.weighting, best.strength, best.weights
        scores = best.weights.scores(self._weigh(best.weighting, dev_counts))
        self.weights = self.target.finish(best.weights, scores, dev)
        self.status = "finished"

    def _weigh(self, weighting: str, counts: Sequence[Any]) -> Any:
        """Counts as features: sparse float32 (R, F)."""
        return tfidf(counts, self.idf) if weighting == "tfidf" else binary(counts)

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``Model.predict``."""
        blocks = self.features.count(corpus)
        scores = [self.weights.scores(self._weigh(self.weighting, counts)) for counts in blocks]
        return self.target.answers(np.concatenate(scores), self.weights)

    @property
    def parameters(self) -> int:
        """The number of weights."""
        return int(self.weights.coefficients.size + self.weights.intercepts.size)

    def facts(self) -> dict[str, Any]:
        """The number of features from words and from characters."""
        words, characters = self.features.sizes
        return {"features": {"words": words, "characters": characters}}

    def save(self, folder: Path) -> None:
        """See ``Model.save``."""
        storage.save(folder, self.features, self.weights, self.idf)

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """See ``Model.restore``; scikit-learn is not needed."""
        self.features, self.weights, self.idf = storage.read(folder, self.lengths, self.target.height)
        self.status = "finished"
