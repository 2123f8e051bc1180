"""Which encoder runs which task, decided from the registry before anything is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.config.schema import Parts
from core.errors import ConfigError
from core.families import FAMILIES
from core.kinds import find_kind
from core.registry import Registry, Spec

if TYPE_CHECKING:
    from core.kinds.base import Kind


def incompatibility(parts: Parts, registered: Registry) -> ConfigError | None:
    """Why the encoder of a run cannot run its task, and which registered ones can; None if it can."""
    task, encoder = parts.task.spec, parts.encoder.spec
    assert task and encoder
    kind = find_kind(task.extra["kind"], registered)
    if not (what := kind.incompatibility(task.name, encoder)):
        return None
    names = compatible_encoders(task, registered)
    remedy = "use " + " or ".join(names) + " instead" if names else "no registered encoder runs it"
    values = {"task": task.name, "encoder": encoder.name, "reason": _reason(kind, encoder)}
    return ConfigError(what, where=encoder.where, remedy=remedy, values=values)


def _reason(kind: Kind, encoder: Spec) -> str:
    """Why tasks of a kind cannot use encoders such as this one, of several; empty: its kind decides."""
    kinds, family = encoder.extra["kinds"], encoder.extra["family"]
    if kind.language_model and encoder.extra["sees"] == "both":
        return "they read both sides"
    if not kind.reads_rows:
        return "they are made to read sentences"
    if kinds is not None and kind.name not in kinds:
        return f"they run only {', '.join(kinds)}"
    lacks_head = not FAMILIES[family].whole and family not in kind.heads
    return f"the family {family} has no head for it" if lacks_head else ""


def compatible_encoders(task: Spec, registered: Registry) -> list[str]:
    """The names of the registered encoders that can run a task, sorted."""
    kind, encoders = find_kind(task.extra["kind"], registered), registered.specs("encoder")
    return [name for name, spec in encoders.items() if not kind.incompatibility(task.name, spec)]
