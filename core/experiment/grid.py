"""The runs of a grid, one after the other: a failure does not stop the others, Ctrl-C stops the grid."""

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
    """A run that failed, and why."""

    config: RunConfig
    error: SeqlabError


@dataclass
class Outcome:
    """The result of a grid: the records in order, and the runs that failed."""

    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    interrupted: bool = False  # by Ctrl-C
    announced: set[str] = field(default_factory=set)  # the notes that an observer has written to the terminal

    @property
    def status(self) -> int:
        """The exit status: 130 interrupted, 1 something failed, else 0."""
        return 130 if self.interrupted else int(bool(self.failures))


class _NoteCollector(Observer):
    def __init__(self, texts: set[str]) -> None:
        self.texts = texts

    def note(self, **facts: Any) -> None:
        self.texts.add(str(facts["text"]))


def run_grid(configs: Sequence[RunConfig], view: GridObserver | None = None) -> Outcome:
    """Run every config whose run is not saved yet; ``view`` replaces the observers that write to the terminal."""
    from core.experiment.runner import run_one

    outcome, viewers = Outcome(), ObserverGroup([view] if view else [])
    for number, config in enumerate(configs):
        viewers.notify("begin", number=number)
        try:
            observers = make_observers(config, terminal=view is None)
            for observer in observers:
                observer.announced = outcome.announced
            if any(observer.draws for observer in observers):
                observers.append(_NoteCollector(outcome.announced))
            result = run_one(config, [*observers, *viewers.observers])
        except BrokenPipeError:  # the reader has closed the output
            raise
        except Exception as raised:
            error = raised if isinstance(raised, SeqlabError) else attribute_error(raised, config.specs())
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
