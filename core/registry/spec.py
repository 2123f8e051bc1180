"""The entries of the registry: registered things and plugins."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import PluginError
from core.registry.loading import file_of, import_target, on_path


@dataclass(frozen=True)
class Spec:
    """One registered thing; ``load`` imports it.

    Args:
        section: a key of ``core.hooks.SECTIONS``.
        name: what follows ``section=``.
        target: ``"module:Class"``, or the object itself.
        help: one line.
        plugin: the plugin that registered it.
        source: where that plugin comes from.
        extra: the further arguments of the section: ``sees``, ``family``, ``kinds`` (encoders), ``kind`` (tasks).
    """

    section: str
    name: str
    target: Any
    help: str
    plugin: str
    source: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """``section=name``, as the user writes it."""
        return f"{self.section}={self.name}"

    @property
    def _origin(self) -> str:
        return f"registered by plugin {self.plugin} ({self.source})"

    def load(self) -> Any:
        """Import the target; raises a PluginError if it cannot be imported."""
        if not isinstance(self.target, str):
            return self.target
        with on_path(Path(self.source).parent) if self.source.endswith(".py") else nullcontext():
            return import_target(self.target, self.where, self._origin)

    def text(self) -> str:
        """The text of the file that the target names (presets, grids)."""
        path = file_of(self.target) if isinstance(self.target, str) else None
        if path is None:
            raise PluginError(f"there is no file {self.target}", where=self.where, remedy=self._origin)
        return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Plugin:
    """A plugin, whether it loads or not.

    Args:
        name: its short name.
        source: where it comes from; unique.
        version: the version of the distribution or module, empty if there is none.
        specs: what it registers; empty if it fails.
        object: the module or object itself, None if it fails.
        milliseconds: time of the import and of its hooks.
        printed: what it prints meanwhile.
        exception: why it fails.
        traceback: where it fails, as text.
    """

    name: str
    source: str
    version: str = ""
    specs: tuple[Spec, ...] = ()
    object: Any = None
    milliseconds: float = 0.0
    printed: str = ""
    exception: PluginError | None = None
    traceback: str = ""

    @property
    def error(self) -> str:
        """Why it fails, in one sentence; empty if it loads."""
        return str(self.exception) if self.exception else ""
