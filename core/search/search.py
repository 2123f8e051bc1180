"""The searches of a grid: the trials of all encoders together, then the runs of the best options."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core import processes
from core.config.changed import unseeded
from core.config.run_config import RunConfig
from core.config.search_options import BUDGET, SearchOptions
from core.errors import ConfigError, SeqlabError
from core.experiment.grid import Outcome, run_grid
from core.experiment.observers import GridObserver
from core.experiment.seeds import trained_once
from core.runs.result import Result
from core.search.halving import HalvingStudy
from core.search.provenance import record
from core.search.study import Study, Trial, Tried

RunAll = Callable[[Sequence[RunConfig], GridObserver], Outcome]
Watch = Callable[[Study, Tried, int, int], None]  # with how many of its length are done, and of how many


@dataclass
class Searched:
    """The end of the searches of a grid.

    Args:
        studies: one per encoder, task, data and fixed options.
        others: the runs of the grid without a search.
        asked: the runs of the trials that ran last.
        interrupted: their outcome, if Ctrl-C or a signal has interrupted them; else None.
    """

    studies: list[Study] = field(default_factory=list)
    others: list[RunConfig] = field(default_factory=list)
    asked: list[RunConfig] = field(default_factory=list)
    interrupted: Outcome | None = None

    @property
    def expected(self) -> list[RunConfig]:
        """``runs`` before the trials: the defaults stand for the best options, which are not known yet."""
        both = (run for study in self.studies for run in (*study.usual, *study.expected))
        return _distinct([*self.others, *both])

    @property
    def runs(self) -> list[RunConfig]:
        """What is run after the trials: for each search the default options, then the best ones, for each seed."""
        both = (run for study in self.studies for run in (*study.usual, *study.tuned))
        return _distinct([*self.others, *both])

    def record(self, results: Sequence[Result]) -> None:
        """Write into the records of the runs with the best options how these were found; see ``provenance``."""
        for study in self.studies:
            record(study, results)


def _distinct(runs: Sequence[RunConfig]) -> list[RunConfig]:
    """The runs, each once: searches with other budgets have the same defaults, and some models need no seed."""
    return trained_once(list({repr(run.flat()): run for run in runs}.values()))[0]


def is_searched(configs: Sequence[RunConfig]) -> bool:
    """Whether some run of a grid has a budget of trials."""
    return any(config.budget.trials for config in configs)


def check_processes(configs: Sequence[RunConfig]) -> None:
    """Raise ConfigError, in each of several processes, for a grid with a search."""
    if is_searched(configs) and processes.size() > 1:
        what = "a search runs in one process"
        raise ConfigError(what, where="budget", remedy="leave torchrun out")


def studies_of(configs: Sequence[RunConfig], options: SearchOptions) -> Searched:
    """The searches of a grid, before their trials: one for the runs that differ in nothing but the seed.

    A grid without a budget of trials has none.

    Raises:
        ConfigError: a task without a dev split of its own, more than one process, or a missing library.
    """
    check_processes(configs)
    groups: dict[str, list[RunConfig]] = {}
    for config in configs:
        if config.budget.trials:
            _check(config)
            groups.setdefault(unseeded(config), []).append(config)
    others = [config for config in configs if not config.budget.trials]
    return Searched([_study(group, options) for group in groups.values()], others)


def search(found: Searched, run_all: RunAll, watch: Watch) -> Searched:
    """Run the trials of all searches, those that can run at the same time in one grid.

    Args:
        found: the searches; their trials are filled in.
        run_all: runs a grid, such as ``core.experiment.grid.run_grid``.
        watch: is called for each trial that has run.

    Returns:
        The same searches.
    """
    while asked := [(study, trial) for study in found.studies for trial in study.ask()]:
        collector = _Collector(asked, watch)
        found.asked = [study.config(trial) for study, trial in asked]
        outcome = run_all(found.asked, collector)
        if outcome.interrupted is not None:
            found.interrupted = outcome
            break
        for study in found.studies:
            own = [collector.tried[number] for number, (owner, _) in enumerate(asked) if owner is study]
            if own:
                study.tell(own)
    return found


class _Collector(GridObserver):
    """What became of each trial of a grid."""

    def __init__(self, asked: Sequence[tuple[Study, Trial]], watch: Watch) -> None:
        self.asked, self.watch = asked, watch
        self.tried: dict[int, Tried] = {}

    def done(self, number: int, result: Result) -> None:
        """See ``GridObserver``."""
        trial, score = self.asked[number][1], float(result.metrics["dev"][result.primary])
        error = "" if math.isfinite(score) else f"{result.primary} is {score}"
        self._add(number, Tried(trial, score, result.id, result.cost["seconds"], error))

    def failed(self, number: int, error: SeqlabError) -> None:
        """See ``GridObserver``."""
        self._add(number, Tried(self.asked[number][1], error=str(error)))

    def _add(self, number: int, tried: Tried) -> None:
        study = self.asked[number][0]
        self.tried[number] = tried
        own = sum(self.asked[other][0] is study for other in self.tried)
        asked = sum(owner is study for owner, _ in self.asked)
        earlier = sum(one.trial.length == tried.trial.length for one in study.tried)
        self.watch(study, tried, earlier + own, asked if study.options.halving else study.size)


def _study(configs: Sequence[RunConfig], options: SearchOptions) -> Study:
    if options.engine == "optuna":
        from core.search.bayesian import BayesianStudy

        return BayesianStudy(configs, options)
    return (HalvingStudy if options.halving else Study)(configs, options)


def _check(config: RunConfig) -> None:
    if not config.kind.reads_rows:
        what = f"task={config.task.name} has no dev split of its own: a search would choose on test"
        raise ConfigError(what, where="budget", remedy=f"leave {BUDGET} out, or choose another task")


def tuned_result(configs: Sequence[RunConfig], options: SearchOptions) -> Result:
    """The result of the best options of one search; that of the default ones where there is nothing to search.

    Raises:
        SeqlabError: why it failed.
        KeyboardInterrupt: Ctrl-C has interrupted it.
    """
    found = search(studies_of(configs, options), run_grid, lambda *_: None)
    runs = found.studies[0].tuned or found.studies[0].usual
    outcome = found.interrupted or run_grid(runs, GridObserver())
    if outcome.interrupted is not None:
        raise KeyboardInterrupt
    if outcome.failures:
        raise outcome.failures[0].error
    found.record(outcome.results)
    return outcome.results[0]
