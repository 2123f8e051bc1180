"""Kinds of task for tests that call lower layers directly."""

from __future__ import annotations

from core.data.spec import TokenSpec
from core.kinds import find_kind
from core.task import Task


def spec_of(task: Task) -> TokenSpec:
    """What a task needs of its data."""
    return find_kind(task.kind).token_spec(task)
