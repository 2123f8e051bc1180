"""Which encoder runs which task: decided from the registry, before anything is imported."""

from __future__ import annotations

from core.errors import ConfigError
from core.kinds import find_kind
from core.registry import Registry, Spec


def refusal(task: Spec, encoder: Spec, found: Registry) -> ConfigError | None:
    """Why a task does not let an encoder in; None if it does.

    Args:
        task: the task.
        encoder: the encoder.
        found: names the encoders to use instead.
    """
    what = find_kind(task.extra["kind"], found).incompatibility(task.name, encoder)
    if not what:
        return None
    names = let_in(task, found)
    remedy = "use " + " or ".join(names) + " instead" if names else "no encoder that is registered runs it"
    return ConfigError(what, where=encoder.where, remedy=remedy)


def let_in(task: Spec, found: Registry) -> list[str]:
    """The names of the encoders that a task lets in, sorted.

    Args:
        task: the task.
        found: where encoders are looked up.
    """
    kind = find_kind(task.extra["kind"], found)
    return [name for name, spec in found.specs("encoder").items() if not kind.incompatibility(task.name, spec)]
