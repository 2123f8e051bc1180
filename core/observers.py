"""Observers: whoever watches a run (the progress display, a logger). A failing one never fails a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.config import Config


class Observer:
    """Watches runs; every method may be left out.

    Events of one run come in this order: ``start``, then ``progress``, ``epoch`` and ``note`` in any
    number, then ``end``.
    """

    def start(self, **facts: Any) -> None:
        """A run begins: ``title`` and ``config`` (dotted keys)."""

    def progress(self, **facts: Any) -> None:
        """A step of training: ``step steps epoch epochs loss tokens tokens_per_second left`` (seconds)."""

    def epoch(self, **facts: Any) -> None:
        """One plain row of the learning curve: ``epoch loss seconds tokens_per_second`` and the dev metrics."""

    def note(self, **facts: Any) -> None:
        """Something the user should be told: ``text``."""

    def end(self, **facts: Any) -> None:
        """The run is over: ``status`` (``finished``, ``interrupted``, ``failed``); ``result`` unless it failed."""


class Watchers:
    """Tells every observer, and drops one that raises."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self.observers = list(observers)

    def notify(self, event: str, **facts: Any) -> None:
        """Call the method named ``event`` of each observer."""
        for observer in list(self.observers):
            try:
                getattr(observer, event)(**facts)
            except Exception as error:
                self.observers.remove(observer)
                name = type(observer).__name__
                print(f"warning: observer {name} failed at {event} and is left out: {error}", file=sys.stderr)


def watching(config: Config) -> list[Observer]:
    """One of each registered observer for a run; none for ``quiet=true``."""
    from core.registry import registry

    if config.run["quiet"]:
        return []
    found = registry()
    return [found.get("observer", name).load()() for name in found.names("observer")]
