"""The defaults that an encoder sets in other sections, for each kind of task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.config.schema import Parts, Schema
from core.errors import PluginError, nearest

SECTIONS = ("embedding", "encoder", "head", "train", "predict")  # never what is evaluated: task, data, seed
OPEN = "embedding."  # what a run may lack: another embedding may have the option


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
    by_kind: Mapping[str, Mapping[str, Any]] = getattr(target, "defaults", {})
    where = f"encoder={parts.encoder.name}: {target.__qualname__}.defaults"
    for kind, defaults in by_kind.items():
        if kind not in kinds:
            raise PluginError(f"there is no kind '{kind}'", where=where, remedy=nearest(str(kind), kinds))
        if not isinstance(defaults, Mapping):
            remedy = 'write a mapping, as in {"train.learning_rate": 5e-3}'
            raise PluginError(f"the defaults for kind {kind} are {defaults!r}", where=where, remedy=remedy)
    found = by_kind.get(parts.kind.name, {})
    for key in found:
        if key.partition(".")[0] not in SECTIONS:
            remedy = f"set options of {', '.join(SECTIONS)}"
            raise PluginError(f"an encoder does not set '{key}'", where=where, remedy=remedy)
        if key not in schema and not key.startswith(OPEN):
            known = [name for name in schema if name.partition(".")[0] in SECTIONS]
            what = f"a run of kind {parts.kind.name} has no option '{key}'"
            raise PluginError(what, where=where, remedy=nearest(key, known))
    return found
