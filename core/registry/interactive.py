"""Registration without a plugin file, as in a notebook; registering a name again replaces it.

Each function raises a PluginError if an argument is wrong or another plugin has the name.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from core.hooks import SECTIONS, Family, Sees, Target, hookimpl
from core.registry import registry


def register_encoder(
    name: str,
    target: Target,
    *,
    sees: Sees | None = None,
    help: str = "",
    family: Family = "neural",
    kinds: tuple[str, ...] | None = None,
) -> None:
    """Register an encoder for this process (see ``core.hooks.RegisterEncoder`` for the arguments)."""
    _register("encoder", name, target, sees=sees, help=help, family=family, kinds=kinds)


def register_embedding(name: str, target: Target, *, help: str = "") -> None:
    """Register an embedding for this process."""
    _register("embedding", name, target, help=help)


def register_task(name: str, target: Target, *, kind: str | None = None, help: str = "") -> None:
    """Register a task that predicts what ``kind`` says, or the class's own ``kind``, for this process."""
    kind = kind or getattr(target, "kind", None)
    _register("task", name, target, help=help, **({"kind": kind} if kind else {}))


def register_dataset(name: str, target: Target, *, help: str = "") -> None:
    """Register a data set for this process."""
    _register("data", name, target, help=help)


def register_observer(name: str, target: Target, *, help: str = "") -> None:
    """Register an observer for this process; ``observer=NAME`` adds it to a run."""
    _register("observer", name, target, help=help)


def _register(section: str, name: str, target: Target, **more: Any) -> None:
    plugin = ModuleType(f"{section}={name}")
    setattr(plugin, SECTIONS[section], hookimpl(lambda register: register(name, target, **more)))
    if error := registry().add(plugin).exception:
        raise error
