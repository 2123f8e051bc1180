"""The defaults that an encoder sets in other sections, for each kind of task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.config.schema import Parts, Schema
from core.errors import PluginError, nearest

SECTIONS = ("embedding", "encoder", "head", "train", "predict")  # never what is evaluated: task, data, seed
OPEN = "embedding."  # what a run may lack: another embedding may have the option

Defaults = Mapping[str, Mapping[str, Any]]  # kind -> dotted key -> value


def defaults_by_kind(name: str, target: Any, kinds: Collection[str]) -> Defaults:
    """The defaults that the class of an encoder states; none where it states none.

    Args:
        name: the name of the encoder.
        target: its class.
        kinds: the names of all kinds.

    Raises:
        PluginError: they are not one mapping per kind.
    """
    by_kind, where = getattr(target, "defaults", {}), _place(name, target)
    remedy = 'write {KIND: {KEY: VALUE}}, as in {"sequence": {"train.learning_rate": 5e-3}}'
    if not isinstance(by_kind, Mapping):
        raise PluginError(f"{by_kind!r} is not a mapping", where=where, remedy=remedy)
    for kind, defaults in by_kind.items():
        if kind not in kinds:
            raise PluginError(f"there is no kind '{kind}'", where=where, remedy=nearest(str(kind), kinds))
        if not isinstance(defaults, Mapping):
            what = f"{defaults!r}, which is set for kind {kind}, is not a mapping"
            raise PluginError(what, where=where, remedy=remedy)
    return by_kind


def encoder_defaults(parts: Parts, schema: Schema, kinds: Collection[str]) -> Mapping[str, Any]:
    """Dotted key -> the default that the encoder of a run sets for the kind of its task.

    Args:
        parts: what the run chooses.
        schema: the keys of the run.
        kinds: the names of all kinds.

    Raises:
        PluginError: a kind that does not exist, or a key that no run of the encoder on this kind has.
    """
    target = parts.encoder.load()
    found = defaults_by_kind(parts.encoder.name, target, kinds).get(parts.kind.name, {})
    for key in found:
        where = _place(parts.encoder.name, target)
        if key.partition(".")[0] not in SECTIONS:
            remedy = f"set options of {', '.join(SECTIONS)}"
            raise PluginError(f"an encoder does not set '{key}'", where=where, remedy=remedy)
        if key not in schema and not key.startswith(OPEN):
            known = [name for name in schema if name.partition(".")[0] in SECTIONS]
            what = f"a run of kind {parts.kind.name} has no option '{key}'"
            raise PluginError(what, where=where, remedy=nearest(key, known))
    return found


def _place(name: str, target: Any) -> str:
    return f"encoder={name}: {target.__qualname__}.defaults"
