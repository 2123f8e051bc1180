"""The runs of a grid, one after the other: a failure does not stop the others, Ctrl-C stops the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core import processes
from core.config import RunConfig
from core.errors import SeqlabError, explained
from core.experiment.observers import GridObserver, Observer, ObserverGroup, make_observers
from core.experiment.shared_run import join, takes_part
from core.registry.attribution import attribute_error
from core.runs.result import Result


@dataclass
class Failure:
    """A run that failed, and why."""

    config: RunConfig
    error: SeqlabError


@dataclass
class Outcome:
    """The result of a grid: the records in order, and the runs that failed."""

    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    interrupted: int | None = None  # the number (from 0) of the run that Ctrl-C or a signal has interrupted
    announced: set[str] = field(default_factory=set)  # the notes that an observer has written to the terminal

    @property
    def status(self) -> int:
        """The exit status: 130 interrupted, 1 something failed, else 0."""
        return int(bool(self.failures)) if self.interrupted is None else 130

    @property
    def finished(self) -> list[Result]:
        """The runs that are saved whole."""
        return [result for result in self.results if result.status != "interrupted"]


class _NoteCollector(Observer):
    def __init__(self, texts: set[str]) -> None:
        self.texts = texts

    def note(self, **facts: Any) -> None:
        self.texts.add(str(facts["text"]))


def run_grid(configs: Sequence[RunConfig], view: GridObserver | None = None) -> Outcome:
    """Run every config whose run is not saved yet; ``view`` replaces the observers that write to the terminal."""
    outcome, viewers = Outcome(), ObserverGroup([view] if view else [])
    join(configs)
    for number, config in enumerate(configs):
        try:
            _run(number, config, outcome, viewers, terminal=view is None)
        except KeyboardInterrupt:
            outcome.interrupted = number
        if outcome.interrupted is not None:
            break
    return outcome


def _run(number: int, config: RunConfig, outcome: Outcome, viewers: ObserverGroup, terminal: bool) -> None:
    """Run one config, and add its result or its failure to the outcome.

    Where several processes train, an error in one of them ends them all, so it is raised.
    """
    from core.experiment.runner import run_one

    if not takes_part(config):
        return
    viewers.notify("begin", number=number)
    try:
        observers = make_observers(config, terminal) if processes.rank() == 0 else []
        for observer in observers:
            observer.announced = outcome.announced
        if any(observer.draws for observer in observers):
            observers.append(_NoteCollector(outcome.announced))
        result = run_one(config, [*observers, *viewers.observers])
    except BrokenPipeError:  # the reader has closed the output
        raise
    except Exception as raised:
        error = explained(raised) if isinstance(raised, SeqlabError) else attribute_error(raised, config.specs())
        error.__cause__ = raised if error is not raised else raised.__cause__
        if processes.size() > 1:
            raise error from error.__cause__
        outcome.failures.append(Failure(config, error))
        viewers.notify("failed", number=number, error=error)
        return
    outcome.results.append(result)
    if result.status == "interrupted":
        outcome.interrupted = number
    viewers.notify("done", number=number, result=result)
