"""Choosing on dev what the user left open in a counting model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from core.counting.base import CountHead
from core.counting.separation import simplest
from core.data.corpus import Corpus
from core.errors import ConfigError
from core.model.context import Context
from core.types import Float64s, Note

Options = dict[str, Any]
Build = Callable[[Options, Options], CountHead]  # (model options, head options) -> an unfitted head
NOT_SEPARATED = "counting.not_separated"  # the code of the note
Pair = tuple[int, int]  # a candidate: the numbers of its model and head options


class Trial(NamedTuple):
    """A candidate on dev.

    Args:
        score: the primary metric, signed so that more is better; -inf where there is none.
        values: a number per row, float64 (R,), whose mean is the score; None where the metric is not one of rows.
        error: why the candidate cannot be fitted.
    """

    score: float = -np.inf
    values: Float64s | None = None
    error: ConfigError | None = None


@dataclass(frozen=True)
class Selection:
    """What was chosen, and what dev says of the others.

    Args:
        model: the options of the model.
        head: the options of the head.
        tried: how many candidates were fitted.
        best: the options, of model and head, with the best score on dev; None if they are the chosen ones.
        scores: of the chosen candidate and the best one, as the metric has them.
        tested: whether differences were tested, as their rows are known.
    """

    model: Options
    head: Options
    tried: int = 0
    best: tuple[Options, Options] | None = None
    scores: tuple[float, float] = (np.nan, np.nan)
    tested: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What the record shows: the number of candidates, and a better one on dev that is not separated."""
        if not self.tried:
            return {}
        facts: dict[str, Any] = {"tried": self.tried, "tested": self.tested, "score": self.scores[0]}
        return {"selection": facts | ({"better": self.better, "its_score": self.scores[1]} if self.best else {})}

    @property
    def better(self) -> dict[str, Any]:
        """The options of the best candidate that differ from the chosen ones, under dotted keys."""
        if self.best is None:
            return {}
        chosen, best = dotted(self.model, self.head), dotted(*self.best)
        return {key: value for key, value in best.items() if value != chosen[key]}

    def note(self, metric: str) -> Note | None:
        """That a candidate is better on dev by no more than chance; None where the best one is chosen."""
        if self.best is None:
            return None
        options = ", ".join(f"{key}={value}" for key, value in self.better.items())
        own, other = (f"{score:.2f}" for score in self.scores)
        text = (
            f"dev does not separate {options} ({metric} {other}) from the simpler choice ({own}): the best of"
            f" {self.tried} equally good candidates would often be that much better"
        )
        return Note(NOT_SEPARATED, text, self.facts["selection"])


@dataclass
class _Trials:
    """Candidates, each fitted at most once."""

    build: Callable[[Pair], CountHead]
    splits: tuple[Corpus, Corpus]  # train, dev
    context: Context
    found: dict[Pair, Trial]

    def run(self, pairs: Sequence[Pair]) -> None:
        """Fit and score those that are new."""
        new = [pair for pair in pairs if pair not in self.found]
        steps = len(self.found) + len(new)
        for pair in new:
            self.found[pair] = self._trial(self.build(pair))
            self.context.notify("progress", step=len(self.found), steps=steps)

    def _trial(self, head: CountHead) -> Trial:
        train, dev = self.splits
        quiet = replace(self.context, notify=lambda event, **facts: None)  # observers follow only the final fit
        try:
            head.fit(train, dev, quiet)
            predictions = head.predict(dev)
        except ConfigError as error:  # such as too high an order
            return Trial(error=error)
        score = self.context.score(predictions, dev)
        sign = -1 if self.context.minimize else 1
        sums = self.context.row_sums(dev, [predictions], [sign * score]) if np.isfinite(score) else None
        return Trial(score, None if sums is None else sign * sums[0].pseudo_values())

    def choose(self, pairs: Sequence[Pair]) -> Pair:
        """The first of some candidates, unless dev separates others from it."""
        usable = [pair for pair in pairs if self.found[pair].error is None]
        trials = [self.found[pair] for pair in usable]
        scores = [trial.score for trial in trials]
        if not self.tested:  # the best, the first of equal ones
            return usable[int(np.argmax(scores))]
        values = [np.zeros(0) if trial.values is None else trial.values for trial in trials]
        return usable[simplest(values, scores)]

    @property
    def tested(self) -> bool:
        """Whether the rows of every candidate with a score are known."""
        return all(trial.values is not None for trial in self.found.values() if np.isfinite(trial.score))


def select(
    models: list[Options], heads: list[Options], build: Build, train: Corpus, dev: Corpus, context: Context
) -> Selection:
    """Choose the options of model and head together, starting from the first of each.

    All models with the current head and all heads with the current model are compared with the current pair,
    which stays unless dev separates others from it; a change is followed by another round. Equal models are thus
    never chosen by chance, and the order of both lists decides what is simpler.

    Raises:
        ConfigError: no candidate can be fitted.
    """
    if len(models) * len(heads) == 1 or not len(dev):
        return Selection(models[0], heads[0])
    trials = _Trials(lambda pair: build(models[pair[0]], heads[pair[1]]), (train, dev), context, {})
    current: Pair = (0, 0)
    while True:
        pairs = [
            current,
            *((m, current[1]) for m in range(len(models))),
            *((current[0], h) for h in range(len(heads))),
        ]
        pairs = list(dict.fromkeys(pairs))
        trials.run(pairs)
        if all(trials.found[pair].error for pair in pairs):
            raise trials.found[current].error or ConfigError("no candidate can be fitted")
        chosen = trials.choose(pairs)
        if chosen == current:
            return _selection(models, heads, chosen, trials)
        current = chosen


def dotted(model: Options, head: Options) -> Options:
    """Both sets of options under dotted keys."""
    encoder = {f"encoder.{key}": value for key, value in model.items()}
    return encoder | {f"head.{key}": value for key, value in head.items()}


def _selection(models: list[Options], heads: list[Options], chosen: Pair, trials: _Trials) -> Selection:
    found = trials.found
    best = max(found, key=lambda pair: found[pair].score)  # the first of equal ones
    sign = -1 if trials.context.minimize else 1
    better = found[best].score > found[chosen].score
    return Selection(
        models[chosen[0]],
        heads[chosen[1]],
        len(found),
        (models[best[0]], heads[best[1]]) if better else None,
        (sign * found[chosen].score, sign * found[best].score),
        trials.tested,
    )
