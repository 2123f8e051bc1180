"""What the user left open in a counting model, chosen on dev."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.counting.base import CountHead
from core.data.corpus import Corpus
from core.errors import ConfigError
from core.model.context import Context

Options = dict[str, Any]
Build = Callable[[Options, Options], CountHead]  # (model options, head options) -> an unfitted head


def select(
    models: list[Options], heads: list[Options], build: Build, train: Corpus, dev: Corpus, context: Context
) -> tuple[Options, Options]:
    """The best on dev: the model's options first, under the head's first choice, then the head's.

    Args:
        models: the candidates for the model's options.
        heads: the candidates for the head's options.
        build: makes an unfitted head.
        train: what to count.
        dev: what to score on.
        context: metrics and observers.

    Returns:
        The model's and the head's options; of equal scores the first.
    """
    steps = sum(len(candidates) for candidates in (models, heads) if len(candidates) > 1)
    trials = _Trials(build, train, dev, context, steps)
    model = trials.best([(m, heads[0]) for m in models])[0]
    return model, trials.best([(model, h) for h in heads])[1]


@dataclass
class _Trials:
    """Fits and scores candidates; only the final fit reports to the observers."""

    build: Build
    train: Corpus
    dev: Corpus
    context: Context
    steps: int
    step: int = 0

    def best(self, candidates: list[tuple[Options, Options]]) -> tuple[Options, Options]:
        """The candidate with the best score on dev; a single one is not tried."""
        if len(candidates) == 1:
            return candidates[0]
        scores = [self.score(*candidate) for candidate in candidates]
        if all(score is None for score in scores):
            self.fit(*candidates[0])  # raises the reason
        ranked = [(score, -i) for i, score in enumerate(scores) if score is not None]
        return candidates[-max(ranked)[1]]

    def score(self, model: Options, head: Options) -> float | None:
        """One candidate's score on dev; None where its options are refused (too large an order, say)."""
        self.step += 1
        try:
            score = self.fit(model, head)
        except ConfigError:
            return None
        self.context.notify("progress", step=self.step, steps=self.steps)
        return score

    def fit(self, model: Options, head: Options) -> float:
        """Fit one candidate, and score it on dev."""
        trial = self.build(model, head)
        trial.fit(self.train, self.dev, replace(self.context, notify=lambda event, **facts: None))
        return self.context.score(trial.predict(self.dev), self.dev)
