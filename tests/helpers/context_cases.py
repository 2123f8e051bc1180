"""Contexts for tests that fit models directly."""

from __future__ import annotations

from typing import Any

from core.model.context import Context
from core.model.runtime import Runtime

RUNTIME = ("seed", "device", "precision", "threads")


def context_of(metrics: Any = lambda predictions, corpus: {"x": 0.0}, primary: str = "x", **facts: Any) -> Context:
    """A context; what belongs to the runtime may stand among the keywords."""
    runtime = Runtime(**{name: facts.pop(name) for name in RUNTIME if name in facts})
    return Context(metrics, primary, runtime=runtime, **facts)
