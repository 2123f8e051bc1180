"""Searches whose runs are never trained: a function of the options of a trial stands for its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from results import made

from core import config
from core.config import RunConfig
from core.errors import TrainingError
from core.experiment.grid import Failure, Outcome
from core.experiment.observers import GridObserver
from core.search.search import Searched, Watch, search, studies_of

Score = Callable[[RunConfig], float | None]  # the score on dev; None fails


def expanded(**overrides: Any) -> config.Grid:
    """A grid whose runs are never run."""
    given = {"task": "pos", "data": "toy", "encoder": "bag"}
    given |= {} if overrides.get("encoder") == "ngram" else {"embedding": "random"}
    return config.expand({**given, **{key.replace("__", "."): value for key, value in overrides.items()}})


def searched(
    grid: config.Grid, score: Score, backwards: bool = False, watch: Watch | None = None
) -> tuple[Searched, list[RunConfig]]:
    """The searches of a grid after their trials, and the runs of these; ``backwards``: from the last one."""
    ran: list[RunConfig] = []

    def run_all(configs: Sequence[RunConfig], view: GridObserver) -> Outcome:
        outcome, numbers = Outcome(), range(len(configs))
        for number in reversed(numbers) if backwards else numbers:
            one = configs[number]
            ran.append(one)
            found = score(one)
            if found is None:
                error = TrainingError("the loss is not finite")
                outcome.failures.append(Failure(one, error))
                view.failed(number, error)
                continue
            result = replace(made(found, len(ran)), id=one.id()[:12], metrics={"dev": {"accuracy": found}})
            view.done(number, result)
        return outcome

    return search(studies_of(grid, grid.search), run_all, watch or (lambda *_: None)), ran


def options_of_trials(found: Searched) -> list[dict[str, Any]]:
    """The options of each trial of the first search, in the order of their numbers."""
    tried = sorted(found.studies[0].tried, key=lambda one: (one.trial.length, one.trial.number))
    return [one.trial.options for one in tried]
