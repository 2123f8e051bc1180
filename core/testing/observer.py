"""The checks of an observer (see ``core.testing.check_observer``)."""

from __future__ import annotations

import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from core.config import expand
from core.experiment.observers import Observer, ObserverGroup
from core.kinds import find_kind
from core.registry import Spec, registry

EVENTS = ("start", "progress", "epoch", "note", "end")


class Recorder(Observer):
    """Keeps every event."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def start(self, **facts: Any) -> None:
        """Kept."""
        self.events.append(("start", facts))

    def progress(self, **facts: Any) -> None:
        """Kept."""
        self.events.append(("progress", facts))

    def epoch(self, **facts: Any) -> None:
        """Kept."""
        self.events.append(("epoch", facts))

    def note(self, **facts: Any) -> None:
        """Kept."""
        self.events.append(("note", facts))

    def end(self, **facts: Any) -> None:
        """Kept."""
        self.events.append(("end", facts))


class Raising(Observer):
    """Raises at the first event of a name."""

    def __init__(self, event: str) -> None:
        def raise_(**facts: Any) -> None:
            raise RuntimeError("on purpose")

        setattr(self, event, raise_)


def check_observer(spec: Spec, options: dict[str, Any]) -> None:
    """Real runs of both families event by event, runs that fail or are stopped, odd facts, a raising neighbour.

    Raises:
        AssertionError: a rule is broken.
    """
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        told = recorded(Path(folder))
        for events in told:
            observer = spec.load()(**options)
            for name, facts in events:
                _tell(observer, name, facts)
        _check_odd(spec.load()(**options), told[0])
        for event in EVENTS:
            _check_neighbour(spec.load()(**options), event, told[0])


def recorded(folder: Path) -> list[list[tuple[str, dict[str, Any]]]]:
    """The events of a small run of each family: one that trains by epochs first."""
    from core.experiment.runner import run_one

    found, runs = registry(), []
    for family in ("neural", "counting"):
        fits = (n for n, s in found.specs("encoder").items() if _small(s, family))
        if name := next(fits, None):
            small = {"data": "toy", "data.limit": 60, "fresh": True, "runs": str(folder / "runs"), "quiet": True}
            small |= {"train.epochs": 2} if family == "neural" else {}
            task = next(t for t, s in found.specs("task").items() if find_kind(s.extra["kind"]).labels == "row")
            watcher = Recorder()
            run_one(expand({"task": task, "encoder": name, **small})[0], [watcher])
            runs.append(watcher.events)
    return runs


def _small(spec: Spec, family: str) -> bool:
    kinds = [find_kind(name) for name in registry().names("kind")]
    labels = [kind for kind in kinds if kind.labels == "row"]
    return spec.extra["family"] == family and not any(kind.incompatibility("", spec) for kind in labels)


def _tell(observer: Any, event: str, facts: dict[str, Any]) -> None:
    try:
        getattr(observer, event)(**facts)
    except Exception as error:
        raise AssertionError(f"events: {event} raised {type(error).__name__}: {error}") from error


def _check_odd(observer: Any, events: list[tuple[str, dict[str, Any]]]) -> None:
    """NaN, markup, facts of a later version, another column midway; runs that are stopped, and one that fails."""
    start = events[0][1]
    rows = [facts for name, facts in events if name == "epoch"]
    steps = [facts for name, facts in events if name == "progress"]
    for ending in ({"status": "interrupted", "result": events[-1][1]["result"]}, {"status": "failed"}):
        _tell(observer, "start", {**start, "title": "odd [/b] \u2028 名前", "of_a_later_version": 1})
        _tell(observer, "note", {"text": "[bold]brackets[/] and\nlines", "of_a_later_version": 1})
        for facts in steps[:1]:
            _tell(observer, "progress", {**facts, "loss": float("nan"), "of_a_later_version": None})
        for number, facts in enumerate(rows[:1] * 2):
            nothing = {name: float("nan") if isinstance(v, float) else v for name, v in facts.items()}
            timed = {name: facts[name] for name in ("seconds", "tokens_per_second")}
            _tell(observer, "epoch", {**nothing, **timed, **({"late": 1.0} if number else {})})
        _tell(observer, "end", {**ending, "of_a_later_version": 1})


def _check_neighbour(observer: Any, event: str, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Another observer that raises is left out, and this one is told everything."""
    watchers = ObserverGroup([Raising(event), observer])
    for name, facts in events:
        watchers.notify(name, **facts)
    assert watchers.observers == [observer], f"neighbour: it was left out when another one raised at {event}"
