"""The runs of a grid, in this process or in others: a failure does not stop the others, Ctrl-C stops the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import processes
from core.config import RunConfig
from core.experiment.executors.base import Executor
from core.experiment.executors.schedule import Schedule
from core.experiment.observers import GridObserver, Numbered, Observer, ObserverGroup, make_observers
from core.experiment.outcome import Failure, Outcome, known_error
from core.experiment.shared_run import join, takes_part

__all__ = ["Failure", "Outcome", "run_grid"]


class _NoteCollector(Observer):
    def __init__(self, texts: set[str]) -> None:
        self.texts = texts

    def note(self, **facts: Any) -> None:
        self.texts.add(str(facts["text"]))


def run_grid(
    configs: Sequence[RunConfig], view: GridObserver | None = None, executor: Executor | None = None
) -> Outcome:
    """Run every config whose run is not saved yet.

    Args:
        configs: the runs; results are in their order.
        view: replaces the observers that write to the terminal.
        executor: what runs them in other processes, several at a time; None: this process, one after the other.
    """
    outcome, viewers = Outcome(), ObserverGroup([view] if view else [])
    if executor is not None:
        Schedule(executor, executor.settled(configs), outcome, viewers).run()
        return outcome
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
        result = run_one(config, [*observers, Numbered(viewers, number)])
    except BrokenPipeError:  # the reader has closed the output
        raise
    except Exception as raised:
        error = known_error(config, raised)
        if processes.size() > 1:
            raise error from error.__cause__
        outcome.failures.append(Failure(config, error))
        viewers.notify("failed", number=number, error=error)
        return
    outcome.results.append(result)
    if result.status == "interrupted":
        outcome.interrupted = number
    viewers.notify("done", number=number, result=result)
