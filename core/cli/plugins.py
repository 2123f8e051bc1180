"""``plugins``: what was loaded, from where, and what failed."""

from __future__ import annotations

from collections.abc import Iterator

from core.cli import COMMANDS
from core.cli.command import command_class
from core.cli.console import print_table
from core.cli.shared_keys import PluginCommand
from core.config.options import options_of
from core.errors import SeqlabError
from core.kinds import find_kind
from core.registry import Plugin, registry

SLOW = 200  # milliseconds of import time above which a plugin gets a remark


class Plugins(PluginCommand):
    """Show each plugin with its source, what it registered, its import time, and all that is wrong with it."""

    def execute(self) -> None:
        """Print one row per plugin."""
        self.load_plugins()
        rows = [
            (p.name, p.version, p.source, hooks(p), f"{p.milliseconds:.0f}", "\n".join(wrong(p)))
            for p in registry().plugins()
        ]
        rows += [(name, "", "", "", "", "left out by no_plugin") for name in sorted(registry().left_out)]
        print_table("", ("plugin", "version", "source", "hooks", "import ms", "error"), rows)


def wrong(plugin: Plugin) -> list[str]:
    """Why a plugin did not load, or what is wrong with one that did."""
    return [plugin.error] if plugin.error else [*_remarks(plugin), *_broken(plugin)]


def hooks(plugin: Plugin) -> str:
    """One line per section: ``encoder: lstm, gru``."""
    sections: dict[str, list[str]] = {}
    for spec in plugin.specs:
        sections.setdefault(spec.section, []).append(spec.name)
    return "\n".join(f"{section}: {', '.join(names)}" for section, names in sections.items())


def _remarks(plugin: Plugin) -> Iterator[str]:
    if plugin.milliseconds > SLOW:
        yield f"its import takes {plugin.milliseconds:.0f} ms, and every command waits; register 'module:Class'"
    if plugin.printed:
        yield f"it prints when it is imported: {plugin.printed.splitlines()[0]!r}"


def _broken(plugin: Plugin) -> Iterator[str]:
    """What would fail only when it is chosen: targets that cannot be loaded, options that cannot be checked."""
    for spec in plugin.specs:
        try:
            if spec.section == "command":
                command_class(spec.load(), spec.where)
                if spec.name in COMMANDS:
                    yield f"{spec.where}: the built-in command of this name is called instead; choose another name"
            if spec.section == "picture":
                command_class(spec.load(), spec.where)
            if spec.section == "kind":
                find_kind(spec.name)
            if spec.section not in ("preset", "grid"):  # which have no options
                options_of(spec.load(), spec.where)
        except SeqlabError as error:
            yield str(error)
