"""Which encoder runs which task, decided from the registry before anything is imported."""

from __future__ import annotations

from core.errors import ConfigError
from core.kinds import find_kind
from core.registry import Registry, Spec


def incompatibility(task: Spec, encoder: Spec, registered: Registry) -> ConfigError | None:
    """Why an encoder cannot run a task; None if it can.

    Args:
        task: the task.
        encoder: the encoder.
        registered: names the encoders to use instead.
    """
    what = find_kind(task.extra["kind"], registered).incompatibility(task.name, encoder)
    if not what:
        return None
    names = compatible_encoders(task, registered)
    remedy = "use " + " or ".join(names) + " instead" if names else "no registered encoder runs it"
    return ConfigError(what, where=encoder.where, remedy=remedy)


def compatible_encoders(task: Spec, registered: Registry) -> list[str]:
    """The names of the encoders that can run a task, sorted.

    Args:
        task: the task.
        registered: where encoders are looked up.
    """
    kind, encoders = find_kind(task.extra["kind"], registered), registered.specs("encoder")
    return [name for name, spec in encoders.items() if not kind.incompatibility(task.name, spec)]
