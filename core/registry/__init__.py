"""Plugins: found, each loaded in its own guard, looked up by name; errors carry the fix."""

from __future__ import annotations

import io
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from core.errors import PluginError, UnknownName, nearest
from core.hooks import PROJECT, SECTIONS, Hooks
from core.registry.loading import from_file, from_module, guarded
from core.registry.spec import Plugin, Spec
from core.registry.validation import HOOKS, check_hooks, check_kinds, collector

__all__ = ["Plugin", "Registry", "Spec", "installed", "registry"]


KINDS, CORE = "seqlab-kinds", "core.kinds"  # the plugin that core itself is: the kinds of task


def installed() -> Iterable[EntryPoint]:
    """The entry points of the group ``seqlab``."""
    return entry_points(group=PROJECT)


class Registry:
    """Everything that plugins registered, by section and name; looks for entry points at the first question.

    Args:
        find: lists the entry points.
    """

    def __init__(self, find: Callable[[], Iterable[EntryPoint]] = installed) -> None:
        self._find = find
        self._points: list[EntryPoint] | None = None
        self._seen: set[int] = set()  # the places of the entry points that were loaded
        self.left_out: frozenset[str] = frozenset()  # names of plugins
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._plugins: dict[str, Plugin] = {}  # by source

    def plugins(self) -> list[Plugin]:
        """Every plugin that was found and not left out, in order, those that failed too."""
        self._discover()
        return self._present()

    def _present(self) -> list[Plugin]:
        return [plugin for plugin in self._plugins.values() if plugin.name not in self.left_out]

    def failures(self) -> list[Plugin]:
        """The plugins that failed to load."""
        return [plugin for plugin in self.plugins() if plugin.exception]

    def specs(self, section: str) -> dict[str, Spec]:
        """Name -> spec of one section, in order of name."""
        self._discover()
        return dict(sorted(self._specs(section).items()))

    def _specs(self, section: str) -> dict[str, Spec]:
        return {spec.name: spec for plugin in self._present() for spec in plugin.specs if spec.section == section}

    def names(self, section: str) -> list[str]:
        """The names of one section, sorted."""
        return list(self.specs(section))

    def get(self, section: str, name: str) -> Spec:
        """Look a name up.

        Raises:
            UnknownName: no plugin registered it; says what is near and which plugins failed to load.
        """
        specs = self.specs(section)
        if name in specs:
            return specs[name]
        remedy = nearest(name, specs)
        if [plugin.source for plugin in self.plugins()] == [CORE]:
            remedy = "no plugin is installed, not even the built-in ones: run pip install -e . in the checkout"
        if failed := [plugin.error for plugin in self.failures()]:
            remedy += "; plugins that failed to load: " + "; ".join(failed)
        raise UnknownName(f"there is no {section} '{name}'", where=section, remedy=remedy)

    def load(self, word: str) -> Plugin:
        """Load what ``plugin=`` names: a Python file or a module; what was loaded before stays as it is.

        Args:
            word: ``FILE.py`` or ``package.module``.

        Returns:
            The plugin; its ``error`` says what went wrong in it.

        Raises:
            UnknownName: there is no such file.
        """
        self._discover()
        if not (word.endswith(".py") or "/" in word or "\\" in word):
            return self._guard(word, word, lambda: from_module(word))
        file = Path(word).expanduser().resolve()
        if not file.is_file():
            raise UnknownName("there is no such file", where=f"plugin={word}", remedy="name a Python file")
        return self._guard(file.stem, str(file), lambda: from_file(file))

    def add(self, plugin: object) -> Plugin:
        """Load a module or an object with hooks, as a notebook does; an earlier one of the same name is replaced.

        Returns:
            The plugin; its ``error`` says what went wrong, nothing is raised.
        """
        self._discover()
        name = plugin.__name__ if isinstance(plugin, (ModuleType, type)) else type(plugin).__qualname__
        return self._guard(name, f"{name}, added by hand", lambda: plugin)

    def leave_out(self, names: Iterable[str]) -> None:
        """Leave plugins out, without importing those that were not; every other one is in again.

        Args:
            names: as the verb ``plugins`` shows them.

        Raises:
            UnknownName: there is no plugin of that name.
        """
        self.left_out = frozenset(names)
        known = {point.name for point in self._entry_points()} | {p.name for p in self._plugins.values()}
        for name in sorted(self.left_out - known):
            raise UnknownName(f"there is no plugin '{name}'", where="no_plugin", remedy=nearest(name, known))

    def _entry_points(self) -> list[EntryPoint]:
        """The project's own come first, so that a stranger's duplicate of a built-in name is at fault."""
        if self._points is None:
            self._points = sorted(self._find(), key=lambda point: (not _is_own(point), point.name))
        return self._points

    def _discover(self) -> None:
        if CORE not in self._plugins:
            self._guard(KINDS, CORE, lambda: import_module(CORE))
        for place, point in enumerate(self._entry_points()):
            if point.name in self.left_out or place in self._seen:
                continue
            self._seen.add(place)
            source = f"{point.value}, installed by {point.dist.name}" if point.dist else point.value
            self._guard(point.name, source, point.load, point.dist.version if point.dist else "")

    def _guard(self, name: str, source: str, find: Callable[[], object], version: str = "") -> Plugin:
        """Load one plugin, or leave everything as it was and note why."""
        where, printed, start = f"plugin {name} ({source})", io.StringIO(), time.perf_counter()
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                found = guarded(find, where)
                if known := [plugin for plugin in self._plugins.values() if plugin.object is found]:
                    return known[0]
                specs = self._collect(found, name, source)
        except Exception as raised:
            error = raised if isinstance(raised, PluginError) else PluginError(f"raised {raised!r}", where=where)
            text = "".join(traceback.format_exception(raised))
            self._forget(source)
            took = 1000 * (time.perf_counter() - start)
            plugin = Plugin(name, source, version, (), None, took, printed.getvalue(), error, text)
        else:
            self._forget(source)
            version = version or str(getattr(found, "__version__", ""))
            milliseconds = 1000 * (time.perf_counter() - start)
            plugin = Plugin(name, source, version, specs, found, milliseconds, printed.getvalue())
        self._plugins[source] = plugin
        return plugin

    def _forget(self, source: str) -> None:
        former = self._plugins.pop(source, None)
        if former and former.object is not None:
            self._manager.unregister(former.object)

    def _collect(self, plugin: object, name: str, source: str) -> tuple[Spec, ...]:
        """Call the hooks of one plugin and check what they register."""
        where, specs = f"plugin {name} ({source})", dict[tuple[str, str], Spec]()

        def add(section: str, found: dict[str, Any]) -> None:
            spec = _spec(section, found, name, source, plugin)
            twin = specs.get((section, spec.name))
            other = twin or self._specs(section).get(spec.name)
            if other and (twin or other.source != source):
                what = f"hook {SECTIONS[section]}: {section} '{spec.name}' is already registered by"
                what += f" plugin {other.plugin} ({other.source})"
                raise PluginError(what, where=where, remedy="give one of the two another name")
            known = [*self._specs("kind"), *(name for section, name in specs if section == "kind")]
            check_kinds(spec, known, f"hook {SECTIONS[section]}: register", where)
            specs[section, spec.name] = spec

        check_hooks(plugin, where)
        self._manager.register(plugin, f"{source} #{id(plugin)}")
        try:
            for hook in HOOKS:
                self._call(hook, plugin, where, add)
        except BaseException:
            self._manager.unregister(plugin)
            raise
        return tuple(specs.values())

    def _call(self, hook: str, plugin: object, where: str, add: Callable[[str, dict[str, Any]], None]) -> None:
        others = [known for known in self._manager.get_plugins() if known is not plugin]
        caller = self._manager.subset_hook_caller(hook, others)
        try:
            caller(register=collector(hook, where, add))
        except PluginError:
            raise
        except (Exception, SystemExit) as error:
            raise PluginError(f"hook {hook} raised {type(error).__name__}: {error}", where=where) from error


def _is_own(point: EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == PROJECT


def _spec(section: str, found: dict[str, Any], name: str, source: str, plugin: object) -> Spec:
    target, extra = found["target"], {k: v for k, v in found.items() if k not in ("name", "target", "help")}
    if isinstance(target, str) and isinstance(plugin, ModuleType):
        module, _, attribute = target.partition(":")
        if module == "" or (source.endswith(".py") and module == name):  # a loose file that names itself
            target = f"{plugin.__name__}:{attribute}"
    return Spec(section, found["name"], target, found["help"], name, source, extra)


@cache
def registry() -> Registry:
    """The registry of this process."""
    return Registry()
