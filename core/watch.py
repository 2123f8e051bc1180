"""The observers of a run, made from the registry."""

from __future__ import annotations

from core.config import Config
from core.observers import Observer
from core.registry import registry


def observers(config: Config) -> list[Observer]:
    """One of each registered observer; none for ``quiet=true``."""
    if config.run["quiet"]:
        return []
    found = registry()
    return [found.get("observer", name).load()() for name in found.names("observer")]
