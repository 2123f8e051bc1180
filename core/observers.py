"""Observers: whoever watches a run (the progress display, a logger). A failing one never fails a run."""

from __future__ import annotations

from typing import Any


class Observer:
    """Watches one run; every method may be left out.

    Events come in this order: ``start``, then ``progress``, ``epoch`` and ``note`` in any number, then ``end``.
    """

    def start(self, **facts: Any) -> None:
        """The run begins: ``task``, ``encoder``, ``data``, ``config`` (dotted keys)."""

    def progress(self, **facts: Any) -> None:
        """A step of training: ``step steps epoch epochs loss tokens tokens_per_second left``."""

    def epoch(self, **facts: Any) -> None:
        """One plain row of the learning curve: ``epoch loss seconds`` and the dev metrics."""

    def note(self, **facts: Any) -> None:
        """Something the user should be told: ``text``."""

    def end(self, **facts: Any) -> None:
        """The run is over: ``status`` (``finished``, ``interrupted``, ``failed``) and ``result``."""
