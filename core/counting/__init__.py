"""The counting family: distributions made by counting, and the heads that use them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.counting.base import CountHead

HEADS = {
    "next": "core.counting.heads.language:LanguageCountHead",
    "token": "core.counting.heads.tagging:TaggingCountHead",
    "sequence": "core.counting.heads.classification:ClassificationCountHead",
}


def head_class(kind: str) -> type[CountHead]:
    """The head of the family for one kind of task.

    Args:
        kind: ``next``, ``token`` or ``sequence``.
    """
    module, name = HEADS[kind].split(":")
    found: type[CountHead] = getattr(import_module(module), name)
    return found
