"""The checks of an observer (see ``core.testing.check_observer``)."""

from __future__ import annotations

import tempfile
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

from core.config import expand
from core.experiment.observers import Observer, ObserverGroup
from core.families import FAMILIES
from core.kinds import find_kind
from core.registry import Spec, registry

EVENTS = ("start", "progress", "epoch", "note", "end")

Events = list[tuple[str, dict[str, Any]]]


class Recorder(Observer):
    """Records every event."""

    def __init__(self) -> None:
        self.events: Events = []
        for event in EVENTS:
            setattr(self, event, partial(self._record, event))

    def _record(self, event: str, **facts: Any) -> None:
        self.events.append((event, facts))


class Raising(Observer):
    """Raises at every event of a name."""

    def __init__(self, event: str) -> None:
        setattr(self, event, self._raise)

    def _raise(self, **facts: Any) -> None:
        raise RuntimeError("on purpose")


def check_observer(spec: Spec, options: dict[str, Any]) -> None:
    """Real runs of every family, runs that fail or are interrupted, unusual facts, another observer that raises.

    Raises:
        AssertionError: a rule is broken.
    """
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        runs = _record_runs(Path(folder))
        for events in runs:
            observer = spec.load()(**options)
            for name, facts in events:
                _notify(observer, name, facts)
        _check_unusual(spec.load()(**options), runs[0])
        for event in EVENTS:
            observer = spec.load()(**options)
            group = ObserverGroup([Raising(event), observer])
            for name, facts in runs[0]:
                group.notify(name, **facts)
            assert group.observers == [observer], f"neighbour: it was left out when another one raised at {event}"


def _record_runs(folder: Path) -> list[Events]:
    """The events of a small run of each family, first of one that trains in epochs."""
    from core.experiment.runner import run_one

    encoders, runs = registry().specs("encoder"), []
    task, kind = next(
        (name, kind)
        for name, spec in registry().specs("task").items()
        if (kind := find_kind(spec.extra["kind"])).labels == "row"
    )
    for family, traits in FAMILIES.items():
        options = {"train.epochs": 2} if "train" in traits.sections else {}
        fits = (
            n for n, s in encoders.items() if s.extra["family"] == family and not kind.incompatibility(task, s)
        )
        if name := next(fits, None):
            small = {"data": "toy", "data.limit": 60, "fresh": True, "runs": str(folder / "runs"), "quiet": True}
            recorder = Recorder()
            run_one(expand({"task": task, "encoder": name, **small, **options})[0], [recorder])
            runs.append(recorder.events)
    return runs


def _notify(observer: Any, event: str, facts: dict[str, Any]) -> None:
    try:
        getattr(observer, event)(**facts)
    except Exception as error:
        raise AssertionError(f"events: {event} raised {type(error).__name__}: {error}") from error


def _check_unusual(observer: Any, events: Events) -> None:
    """NaN, markup, facts of a later version, a new column in an epoch; interrupted runs, and one that fails."""
    start = events[0][1]
    rows = [facts for name, facts in events if name == "epoch"]
    steps = [facts for name, facts in events if name == "progress"]
    for ending in ({"status": "interrupted", "result": events[-1][1]["result"]}, {"status": "failed"}):
        _notify(observer, "start", {**start, "title": "odd [/b] \u2028 名前", "of_a_later_version": 1})
        _notify(observer, "note", {"text": "[bold]brackets[/] and\nlines", "of_a_later_version": 1})
        for facts in steps[:1]:
            _notify(observer, "progress", {**facts, "loss": float("nan"), "of_a_later_version": None})
        for number, facts in enumerate(rows[:1] * 2):
            scores = {name: float("nan") if isinstance(v, float) else v for name, v in facts.items()}
            times = {name: facts[name] for name in ("seconds", "tokens_per_second")}
            _notify(observer, "epoch", {**scores, **times, **({"late": 1.0} if number else {})})
        _notify(observer, "end", {**ending, "of_a_later_version": 1})
