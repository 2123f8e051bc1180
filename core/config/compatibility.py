"""Which encoder runs which task, decided from the registry before anything is imported."""

from __future__ import annotations

from core.config.schema import Parts
from core.errors import ConfigError
from core.kinds import find_kind
from core.registry import Registry, Spec


def incompatibility(parts: Parts, registered: Registry) -> ConfigError | None:
    """Why the encoder of a run cannot run its task, and which registered ones can; None if it can."""
    task, encoder = parts.task.spec, parts.encoder.spec
    assert task and encoder
    if not (what := find_kind(task.extra["kind"], registered).incompatibility(task.name, encoder)):
        return None
    names = compatible_encoders(task, registered)
    remedy = "use " + " or ".join(names) + " instead" if names else "no registered encoder runs it"
    return ConfigError(what, where=encoder.where, remedy=remedy)


def compatible_encoders(task: Spec, registered: Registry) -> list[str]:
    """The names of the registered encoders that can run a task, sorted."""
    kind, encoders = find_kind(task.extra["kind"], registered), registered.specs("encoder")
    return [name for name, spec in encoders.items() if not kind.incompatibility(task.name, spec)]
