"""The kinds of task: one object per kind defines everything that follows from what a task predicts.

Core registers its own kinds through the hook that plugins use. A new kind is one file, here or in a plugin,
and the heads that serve it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.hooks import RegisterKind, hookimpl
from core.registry import Registry, registry
from core.registry.attribution import contract_error

if TYPE_CHECKING:
    from core.kinds.base import Kind


@hookimpl
def register_kinds(register: RegisterKind) -> None:
    """Register the kinds of core."""
    register("next", "core.kinds.next_token:NextToken", help="each next token, from the tokens before it")
    register("item", "core.kinds.next_item:NextItem", help="each next item of a session, ranked among all items")
    register("cloze", "core.kinds.cloze:Cloze", help="the word at each place, from both sides of it")
    register("token", "core.kinds.token_labels:TokenLabels", help="one label per token")
    register("sequence", "core.kinds.row_label:RowLabel", help="one label per row")
    register("number", "core.kinds.row_number:RowNumber", help="one number per row")
    register("set", "core.kinds.label_set:LabelSet", help="any number of labels per row")
    register(
        "transduce", "core.kinds.transduction:Transduction", help="a text for each row, such as its translation"
    )
    register("vector", "core.kinds.vectors:WordVectors", help="nothing: the vectors of words are evaluated")


def find_kind(name: str, found: Registry | None = None) -> Kind:
    """The kind of a name, as a task gives it.

    Raises:
        UnknownName: no kind of the registry has it.
        PluginError: what is registered is not a kind.
    """
    from core.kinds.base import Kind

    spec = (found or registry()).get("kind", name)
    target, what = spec.load(), ""
    if not (isinstance(target, type) and issubclass(target, Kind)):
        what = f"{getattr(target, '__qualname__', target)} is not a subclass of core.kinds.base.Kind"
    elif (own := getattr(target, "name", None)) != name:
        what = f"{target.__qualname__} has name = {own!r}, and the hook registers it as '{name}'"
    elif not isinstance(target.heads, Mapping):
        what = f"{target.__qualname__} has heads = {target.heads!r}, which is not a mapping of families to heads"
    elif target.labels not in ("token", "row", "number", "set", "text", None):
        known = "'token', 'row', 'number', 'set', 'text' or None"
        what = f"{target.__qualname__} has labels = {target.labels!r}, which is not {known}"
    if what:
        raise contract_error([spec], what)
    try:
        kind: Kind = target()
        return kind
    except Exception as error:
        raise contract_error([spec], f"{target.__qualname__}() raised {type(error).__name__}: {error}") from error
