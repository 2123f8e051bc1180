"""The search for one encoder: which trials come next, what they scored, which is the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.config.changed import values_of, with_values
from core.config.run_config import RunConfig
from core.config.search_options import SearchOptions, tuned_text
from core.search.length import has_length, shortened
from core.search.points import DEFAULT, trial_options
from core.search.space import Space, space_of


@dataclass(frozen=True)
class Trial:
    """One trial.

    Args:
        number: from 0, the trial of the default options.
        options: the options that it sets.
        length: the share of the training that it has; 1 is all of it.
    """

    number: int
    options: dict[str, Any]
    length: float = 1.0


@dataclass(frozen=True)
class Tried:
    """A trial that has run.

    Args:
        trial: the trial.
        score: the primary metric on dev; NaN if the trial failed.
        run: the id of its run; empty if it failed.
        seconds: of reading, training and predicting.
        error: why it failed, empty if it did not.
    """

    trial: Trial
    score: float = math.nan
    run: str = ""
    seconds: float = 0.0
    error: str = ""


class Study:
    """The search for one encoder (with its task, data and fixed options), all trials at once.

    Args:
        configs: the runs that differ in nothing but the seed.
        options: how to search.
    """

    def __init__(self, configs: Sequence[RunConfig], options: SearchOptions) -> None:
        self.configs, self.options = configs, options
        self.space: Space = space_of(configs[0])
        self.size = configs[0].budget.trials or 1
        self.tried: list[Tried] = []

    @cached_property
    def minimize(self) -> bool:
        """Whether a lower score is better."""
        return bool(self.configs[0].task.load().minimize)

    @cached_property
    def metric(self) -> str:
        """The metric that decides on dev."""
        return str(self.configs[0].task.load().primary)

    def draw(self, number: int) -> Trial:
        """A trial of the whole length."""
        first = self.configs[0]
        return Trial(number, trial_options(self.options.seed, number, self.space, values_of(first)))

    def ask(self) -> list[Trial]:
        """The trials that can run now, at the same time; empty when the search is over or has no space."""
        return [] if self.tried or not self.space else [self.draw(number) for number in range(self.size)]

    def tell(self, tried: Sequence[Tried]) -> None:
        """What became of the trials that ``ask`` returned last."""
        self.tried += tried

    def config(self, trial: Trial) -> RunConfig:
        """The run of a trial: it computes dev only, and saves no model."""
        first = self.configs[0]
        own = {"seed": self.options.seed, "test": False, "save": "none", "name": None, "tuned": None}
        length = shortened(first, trial.length)
        return with_values(first, {**trial.options, **length, **own, "budget": length.get("budget", _rest(first))})

    @property
    def complete(self) -> list[Tried]:
        """The trials that ran to the end of their training, by number."""
        whole = [tried for tried in self.tried if tried.trial.length == 1]
        return sorted(whole, key=lambda tried: tried.trial.number)

    @property
    def is_halved(self) -> bool:
        """Whether most trials are shorter than the training."""
        return self.options.halving and has_length(self.configs[0])

    @property
    def draws(self) -> list[float]:
        """The scores of the drawn trials (all but the default), where they are independent; else none."""
        scores = [tried.score for tried in self.complete if tried.trial.number != DEFAULT]
        independent = self.options.engine == "sobol" and not self.is_halved
        return list(filter(math.isfinite, scores)) if independent else []

    @property
    def best(self) -> Tried | None:
        """The trial with the best score on dev, the first of equal ones; None if all failed."""
        sign = -1 if self.minimize else 1
        known = [tried for tried in self.complete if math.isfinite(tried.score)]
        return max(known, key=lambda tried: sign * tried.score) if known else None

    @property
    def default(self) -> Tried | None:
        """The trial of the default options."""
        return next((tried for tried in self.complete if tried.trial.number == DEFAULT), None)

    @property
    def usual(self) -> list[RunConfig]:
        """The runs with the default options, one per seed."""
        return [with_values(config, {"budget": _rest(config)}) for config in self.configs]

    @property
    def tuned(self) -> list[RunConfig]:
        """The runs with the best options, one per seed; none if all trials failed, or nothing was searched."""
        return [] if self.best is None else self._chosen(self.best.trial)

    @property
    def expected(self) -> list[RunConfig]:
        """``tuned`` before the trials, as if the default options were the best; none where nothing is searched."""
        return self._chosen(Trial(DEFAULT, {})) if self.space else []

    def _chosen(self, trial: Trial) -> list[RunConfig]:
        """The runs with the options of a trial, one per seed."""
        own = {**trial.options, "tuned": tuned_text(self.size, self.options, trial.number)}
        return [with_values(config, {**own, "budget": _rest(config)}) for config in self.configs]


def _rest(config: RunConfig) -> str | None:
    """The budget of one run: without the number of trials."""
    return config.budget.of_run or None
