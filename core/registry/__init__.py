"""Discover plugins, load each in isolation, look names up; errors say what to do."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from core.errors import PluginError, UnknownName, nearest
from core.hooks import PROJECT, SECTIONS, Hooks
from core.memory import is_exhausted
from core.registry.loading import from_file, from_module, import_plugin
from core.registry.spec import Plugin, Spec
from core.registry.validation import check_hooks, check_kinds, check_registration
from core.registry.watch import isolated
from core.signals import is_interrupt

__all__ = ["Plugin", "Registry", "Spec", "installed", "registry"]


KINDS, CORE = "seqlab-kinds", "core.kinds"  # core's own plugin: the kinds of task
LOADING = threading.RLock()  # one thread loads plugins; others wait, since standard output is redirected too


def installed() -> Iterable[EntryPoint]:
    """The entry points of the group ``seqlab``."""
    return entry_points(group=PROJECT)


class Registry:
    """Everything that plugins register, by section and name; entry points are loaded at the first lookup."""

    def __init__(self, list_entry_points: Callable[[], Iterable[EntryPoint]] = installed) -> None:
        self._list_entry_points = list_entry_points
        self._points: list[EntryPoint] | None = None
        self._seen: set[int] = set()  # the positions of the loaded entry points
        self.left_out: frozenset[str] = frozenset()  # names of plugins
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._plugins: dict[str, Plugin] = {}  # by source

    def _present(self) -> list[Plugin]:
        return [plugin for plugin in self._plugins.values() if plugin.name not in self.left_out]

    def _specs(self, section: str) -> dict[str, Spec]:
        return {spec.name: spec for plugin in self._present() for spec in plugin.specs if spec.section == section}

    def plugins(self) -> list[Plugin]:
        """Every plugin that is not left out, in order, those that fail to load too."""
        self._discover()
        return self._present()

    def specs(self, section: str) -> dict[str, Spec]:
        """Name -> spec of one section, sorted by name."""
        self._discover()
        return dict(sorted(self._specs(section).items()))

    def names(self, section: str) -> list[str]:
        """The names of one section, sorted."""
        return list(self.specs(section))

    def get(self, section: str, name: str) -> Spec:
        """Look a name up.

        Raises:
            UnknownName: no plugin registers it; lists similar names and the plugins that fail to load.
        """
        specs = self.specs(section)
        if name in specs:
            return specs[name]
        remedy, plugins = nearest(name, specs), self.plugins()
        if [plugin.source for plugin in plugins] == [CORE]:
            remedy = "no plugin is installed, not even the built-in ones: run pip install -e . in the checkout"
        if failed := [plugin.error for plugin in plugins if plugin.error]:
            remedy += "; plugins that failed to load: " + "; ".join(failed)
        lack = next((plugin.exception for plugin in plugins if is_exhausted(plugin.exception)), None)  # no memory
        raise UnknownName(f"there is no {section} '{name}'", where=section, remedy=remedy) from lack

    def load(self, source: str) -> Plugin:
        """Load what ``plugin=`` names (``FILE.py`` or ``package.module``), unless it is loaded already.

        Returns:
            The plugin; its ``error`` says what is wrong with it.

        Raises:
            UnknownName: there is no such file.
        """
        self._discover()
        if not (source.endswith(".py") or "/" in source or "\\" in source):
            return self._load_isolated(source, source, lambda: from_module(source))
        file = Path(source).expanduser().resolve()
        if not file.is_file():
            raise UnknownName("there is no such file", where=f"plugin={source}", remedy="name a Python file")
        return self._load_isolated(file.stem, str(file), lambda: from_file(file))

    def add(self, plugin: object) -> Plugin:
        """Load a module or an object with hooks, as a notebook does; it replaces an earlier one of the same name.

        Returns:
            The plugin; its ``error`` says what is wrong with it, nothing is raised.
        """
        self._discover()
        name = getattr(plugin, "__name__", type(plugin).__qualname__)
        return self._load_isolated(name, f"{name}, added interactively", lambda: plugin)

    def leave_out(self, names: Iterable[str]) -> None:
        """Leave plugins out, and all others in; those that are not imported yet are not imported at all.

        Raises:
            UnknownName: there is no plugin of that name.
        """
        self.left_out = frozenset(names)
        known = {point.name for point in self._entry_points()}
        known |= {plugin.name for plugin in self._plugins.values() if plugin.source != CORE}
        for name in sorted(self.left_out - known):
            raise UnknownName(f"there is no plugin '{name}'", where="no_plugin", remedy=nearest(name, known))

    def _entry_points(self) -> list[EntryPoint]:
        """Those of this project come first, so that a duplicate of a built-in name is the other plugin's error."""
        if self._points is None:
            points = self._list_entry_points()
            self._points = sorted(points, key=lambda p: (not (p.dist and p.dist.name == PROJECT), p.name))
        return self._points

    def _discover(self) -> None:
        with LOADING:
            if CORE not in self._plugins:
                self._load_isolated(KINDS, CORE, lambda: import_module(CORE))
            for position, point in enumerate(self._entry_points()):
                if point.name in self.left_out or position in self._seen:
                    continue
                self._seen.add(position)
                source = f"{point.value}, installed by {point.dist.name}" if point.dist else point.value
                self._load_isolated(point.name, source, point.load, point.dist.version if point.dist else "")

    def _load_isolated(self, name: str, source: str, load: Callable[[], object], version: str = "") -> Plugin:
        """Load one plugin; if it fails, record why and leave everything else as it was."""
        with LOADING:
            return self._load_alone(name, source, load, version)

    def _load_alone(self, name: str, source: str, load: Callable[[], object], version: str) -> Plugin:
        where, start = f"plugin {name} ({source})", time.perf_counter()
        loaded, specs, error, text = None, tuple[Spec, ...](), None, ""
        remedy = "leave it out" if source == name or source.endswith(".py") else f"no_plugin={name} leaves it out"
        try:
            with isolated(where, remedy) as printed:
                loaded = import_plugin(load, where)
                if known := [plugin for plugin in self._plugins.values() if plugin.object is loaded]:
                    return known[0]
                specs = self._collect(loaded, name, source)
        except Exception as raised:
            error = raised if isinstance(raised, PluginError) else PluginError(f"raised {raised!r}", where=where)
            loaded, text = None, "".join(traceback.format_exception(raised))
        version = version or str(getattr(loaded, "__version__", ""))
        took = 1000 * (time.perf_counter() - start)
        self._forget(source)
        plugin = Plugin(name, source, version, specs, loaded, took, printed.getvalue(), error, text)
        self._plugins[source] = plugin
        return plugin

    def _forget(self, source: str) -> None:
        replaced = self._plugins.pop(source, None)
        if replaced and replaced.object is not None:
            self._manager.unregister(replaced.object)

    def _collect(self, plugin: object, name: str, source: str) -> tuple[Spec, ...]:
        """Call the hooks of one plugin and check what they register."""
        where, specs = f"plugin {name} ({source})", dict[tuple[str, str], Spec]()

        def add(section: str, arguments: dict[str, Any]) -> None:
            spec = _spec(section, arguments, name, source, plugin)
            twin = specs.get((section, spec.name))
            other = twin or self._specs(section).get(spec.name)
            if other and (twin or other.source != source):
                what = f"hook {SECTIONS[section]}: {section} '{spec.name}' is already registered by"
                what += f" plugin {other.plugin} ({other.source})"
                raise PluginError(what, where=where, remedy="give one of the two another name")
            kinds = [name for section, name in specs if section == "kind"]
            check_kinds(spec, [*self._specs("kind"), *kinds], where)
            specs[section, spec.name] = spec

        check_hooks(plugin, where)
        self._manager.register(plugin, f"{source} #{id(plugin)}")
        try:
            for section in SECTIONS:
                self._call(section, plugin, where, add)
        except BaseException:
            self._manager.unregister(plugin)
            raise
        return tuple(specs.values())

    def _call(self, section: str, plugin: object, where: str, add: Callable[[str, dict[str, Any]], None]) -> None:
        hook = SECTIONS[section]

        def register(*args: Any, **kwargs: Any) -> None:
            add(section, check_registration(hook, where, args, kwargs))

        others = [known for known in self._manager.get_plugins() if known is not plugin]
        try:
            self._manager.subset_hook_caller(hook, others)(register=register)
        except PluginError:
            raise
        except BaseException as error:
            if is_interrupt(error):
                raise
            raise PluginError(f"hook {hook} raised {type(error).__name__}: {error}", where=where) from error


def _spec(section: str, arguments: dict[str, Any], name: str, source: str, plugin: object) -> Spec:
    registered, target, help = (arguments.pop(key) for key in ("name", "target", "help"))
    if isinstance(target, str) and isinstance(plugin, ModuleType):
        module, _, attribute = target.partition(":")
        if module == "" or (source.endswith(".py") and module == name):  # a loose file that names itself
            target = f"{plugin.__name__}:{attribute}"
    return Spec(section, registered, target, help, name, source, arguments)


@cache
def registry() -> Registry:
    """The registry of this process."""
    return Registry()
