"""Observers: whoever watches a run (the progress display, a logger). A failing one never fails a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.errors import SeqlabError

if TYPE_CHECKING:
    from core.config import Config
    from core.runs.result import Result


class Observer:
    """Watches runs; every method may be left out.

    Events of one run come in this order: ``start``, then ``progress``, ``epoch`` and ``note`` in any
    number, then ``end``. ``draws`` says that it writes to the terminal: it is left out while a benchmark
    draws its own table there.
    """

    draws = False

    def start(self, **facts: Any) -> None:
        """A run begins: ``id``, ``title``, ``config`` (dotted keys), ``runs`` (the folder of runs)."""

    def progress(self, **facts: Any) -> None:
        """A step of training: ``step steps epoch epochs loss tokens tokens_per_second left`` (seconds)."""

    def epoch(self, **facts: Any) -> None:
        """One plain row of the learning curve: ``epoch loss seconds tokens_per_second`` and the dev metrics."""

    def note(self, **facts: Any) -> None:
        """Something the user should be told: ``text``."""

    def end(self, **facts: Any) -> None:
        """The run is over: ``status`` (``finished``, ``interrupted``, ``failed``); ``result`` if it was kept."""


class GridObserver(Observer):
    """Watches a grid: each run, and where each cell begins and ends (a cell that is kept already has no run)."""

    def begin(self, number: int) -> None:
        """The cell of this number, from 0, is next."""

    def done(self, number: int, result: Result) -> None:
        """The cell has its result."""

    def failed(self, number: int, error: SeqlabError) -> None:
        """The cell gave no result."""


class Watchers:
    """Tells every observer, and drops one that raises."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self.observers = list(observers)

    def notify(self, event: str, **facts: Any) -> None:
        """Call the method named ``event`` of each observer."""
        for observer in list(self.observers):
            try:
                getattr(observer, event)(**facts)
            except (Exception, SystemExit) as error:
                self.observers.remove(observer)
                _warn(type(observer).__name__, event, error)


def watching(config: Config, drawing: bool = True) -> list[Observer]:
    """The observers of a run, those that ``observer=`` names.

    Args:
        config: what is run; ``quiet=true`` leaves those out that write to the terminal.
        drawing: with those that write to the terminal.

    Raises:
        SeqlabError: one says what it lacks (a library, say); any other failure leaves it out with a warning.
    """
    drawing = drawing and not config.run["quiet"]
    made = []
    for name, choice in config.observers.items():
        kind = choice.load()
        if getattr(kind, "draws", False) and not drawing:
            continue
        try:
            made.append(kind(**choice.options))
        except SeqlabError:
            raise
        except (Exception, SystemExit) as error:
            _warn(name, "its construction", error)
    return made


def _warn(name: str, event: str, error: BaseException) -> None:
    with suppress(OSError):  # nobody reads standard error any more
        text = f"{type(error).__name__}: {error}"
        print(f"warning: observer {name} failed at {event} and is left out: {text}", file=sys.stderr)
