"""The kinds that the checks run."""

from __future__ import annotations

from core.kinds import find_kind
from core.kinds.base import Kind
from core.registry import registry


def own_kinds() -> list[Kind]:
    """The kinds whose tasks read rows, without those that are variants of another one."""
    kinds = [kind for kind in map(find_kind, registry().names("kind")) if kind.reads_rows]
    return [kind for kind in kinds if not any(type(other) in type(kind).__mro__[1:] for other in kinds)]
