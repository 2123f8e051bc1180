"""The kinds of task: one object per kind defines everything that follows from what a task predicts.

Core registers its own kinds through the hook that a stranger uses. A new kind is one file, here or in a plugin,
and the heads that serve it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.hooks import RegisterKind, hookimpl
from core.registry import Registry, registry

if TYPE_CHECKING:
    from core.kinds.base import Kind


@hookimpl
def register_kinds(register: RegisterKind) -> None:
    """Register the kinds of core."""
    register("next", "core.kinds.next_token:NextToken", help="each next token, from the tokens before it")
    register("token", "core.kinds.token_labels:TokenLabels", help="one label per token")
    register("sequence", "core.kinds.row_label:RowLabel", help="one label per row")
    register("vector", "core.kinds.vectors:WordVectors", help="nothing: the vectors of words are evaluated")


def find_kind(name: str, found: Registry | None = None) -> Kind:
    """The kind of a name, as a task gives it; UnknownName where no kind of the registry has it."""
    kind: Kind = (found or registry()).get("kind", name).load()()
    return kind
