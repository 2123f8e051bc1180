"""What the user left open in a counting model, chosen on dev."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.counting.base import CountHead
from core.data.corpus import Corpus
from core.errors import ConfigError
from core.model.context import Context

Options = dict[str, Any]


def choose(
    model_class: Any,
    model_options: Options,
    head_class: type[CountHead],
    head_options: Options,
    build: Callable[[Options, Options], CountHead],
    train: Corpus,
    dev: Corpus,
    context: Context,
    kind: str = "",
) -> tuple[Options, Options]:
    """The best on dev: the model's options first, under the head's first choice, then the head's; ties: the first.

    Args:
        model_class: the ``CountModel``; ``choices`` says what to try.
        model_options: its options, some ``auto``.
        head_class: the head.
        head_options: its options, some ``auto``.
        build: (model options, head options) -> an unfitted head.
        train: what to count.
        dev: what to judge on.
        context: the judge and the observers.
        kind: what the model is for.

    Returns:
        The model's and the head's options; what no candidate differs in is left as the user set it.
    """
    models = model_class.choices(model_options, kind)
    heads = head_class.choices(head_options)
    steps = (len(models) > 1) * len(models) + (len(heads) > 1) * len(heads)
    trial = _Trial(build, train, dev, context, steps)
    model = trial.best([(m, heads[0]) for m in models])[0]
    head = trial.best([(model, h) for h in heads])[1]
    return _decided(model_options, models, model), _decided(head_options, heads, head)


def _decided(given: Options, candidates: list[Options], best: Options) -> Options:
    """The options as given, with those of the best candidate in which the candidates differ."""
    differing = [key for key in best if any(other.get(key) != best[key] for other in candidates)]
    return given | {key: best[key] for key in differing}


class _Trial:
    """Fits and judges candidates; what they would tell the observers is told by the final fit alone."""

    def __init__(
        self,
        build: Callable[[Options, Options], CountHead],
        train: Corpus,
        dev: Corpus,
        context: Context,
        steps: int,
    ) -> None:
        self.build, self.train, self.dev, self.context = build, train, dev, context
        self.quiet = replace(context, notify=lambda event, **facts: None)
        self.step, self.steps = 0, steps

    def best(self, candidates: list[tuple[Options, Options]]) -> tuple[Options, Options]:
        """The candidate with the best score on dev; one alone is not tried."""
        if len(candidates) == 1:
            return candidates[0]
        scores = [self.score(*candidate) for candidate in candidates]
        if all(score is None for score in scores):
            made = self.build(*candidates[0])
            made.fit(self.train, self.dev, self.quiet)  # this or the next line says why
            made.predict(self.dev)
        ranked = [(score, -i) for i, score in enumerate(scores) if score is not None]
        return candidates[-max(ranked)[1]]

    def score(self, model: Options, head: Options) -> float | None:
        """One candidate's score on dev; None where its options are refused (too large an order, say)."""
        self.step += 1
        try:
            made = self.build(model, head)
            made.fit(self.train, self.dev, self.quiet)
            score = self.context.score(made.predict(self.dev), self.dev)
        except ConfigError:
            return None
        self.context.notify("progress", step=self.step, steps=self.steps)
        return score
