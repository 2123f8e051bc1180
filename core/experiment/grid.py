"""The runs of a grid in turn: a failure does not stop the others, Ctrl-C stops after the current run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.config import RunConfig
from core.errors import SeqlabError
from core.experiment.observers import GridObserver, Observer, ObserverGroup, make_observers
from core.registry.attribution import attribute_error
from core.runs.result import Result


@dataclass
class Failure:
    """A run that failed.

    Args:
        config: what was run.
        error: why it failed.
    """

    config: RunConfig
    error: SeqlabError


@dataclass
class Outcome:
    """What a grid returns.

    Args:
        results: the records, in order.
        failures: the runs that failed.
        interrupted: whether Ctrl-C ended it early.
        announced: the notes that an observer has written to the terminal.
    """

    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    interrupted: bool = False
    announced: set[str] = field(default_factory=set)

    @property
    def status(self) -> int:
        """The exit status: 130 interrupted, 1 something failed, else 0."""
        return 130 if self.interrupted else int(bool(self.failures))


class _NoteCollector(Observer):
    """Adds the text of every note to a set."""

    def __init__(self, texts: set[str]) -> None:
        self.texts = texts

    def note(self, **facts: Any) -> None:
        """Add one."""
        self.texts.add(str(facts["text"]))


def run_grid(configs: Sequence[RunConfig], view: GridObserver | None = None) -> Outcome:
    """Run every config whose run is not saved yet.

    Args:
        configs: what to run, checked.
        view: observes the whole grid, in place of the observers that write to the terminal.

    Returns:
        Results and failures; a run that fails raises nothing.
    """
    from core.experiment.runner import run_one

    outcome, viewers = Outcome(), ObserverGroup([view] if view else [])
    for number, config in enumerate(configs):
        viewers.notify("begin", number=number)
        try:
            observers = make_observers(config, terminal=view is None)
            if any(observer.draws for observer in observers):
                observers.append(_NoteCollector(outcome.announced))
            result = run_one(config, [*observers, *viewers.observers])
        except BrokenPipeError:  # the reader of the output has closed it
            raise
        except Exception as raised:
            error = attribute_error(raised, config.specs())
            error.__cause__ = raised if error is not raised else raised.__cause__
            outcome.failures.append(Failure(config, error))
            viewers.notify("failed", number=number, error=error)
            continue
        except KeyboardInterrupt:
            outcome.interrupted = True
            break
        outcome.results.append(result)
        viewers.notify("done", number=number, result=result)
        if result.status == "interrupted":
            outcome.interrupted = True
            break
    return outcome
