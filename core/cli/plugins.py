"""``plugins``: what was loaded, from where, and what failed."""

from __future__ import annotations

from collections.abc import Iterator

from core.cli.console import console
from core.cli.shared_keys import PluginCommand
from core.errors import SeqlabError
from core.registry import Plugin, registry

SLOW = 200  # milliseconds of import time above which a plugin gets a remark
HEADINGS = ("plugin", "version", "source", "hooks", "import ms", "error")


class Plugins(PluginCommand):
    """Show each plugin with its source, what it registered, its import time, and all that is wrong with it."""

    def execute(self) -> None:
        """Print one row per plugin."""
        from rich.table import Table

        self.load_plugins()
        table, known = Table(), registry()
        for heading in HEADINGS:
            table.add_column(heading, justify="right" if heading == "import ms" else "left")
        for plugin in known.plugins():
            name, milliseconds, error = plugin.name, f"{plugin.milliseconds:.0f}", "\n".join(wrong(plugin))
            table.add_row(name, plugin.version, plugin.source, hooks(plugin), milliseconds, error)
        for name in sorted(known.left_out):
            table.add_row(name, "", "", "", "", "left out by no_plugin")
        console().print(table)


def wrong(plugin: Plugin) -> list[str]:
    """Why a plugin did not load, or what is wrong with one that did."""
    return [plugin.error] if plugin.error else [*_remarks(plugin), *_broken(plugin)]


def hooks(plugin: Plugin) -> str:
    """One line per section: ``encoder: lstm, gru``."""
    sections = dict.fromkeys(spec.section for spec in plugin.specs)
    return "\n".join(
        f"{s}: {', '.join(spec.name for spec in plugin.specs if spec.section == s)}" for s in sections
    )


def _remarks(plugin: Plugin) -> Iterator[str]:
    if plugin.milliseconds > SLOW:
        yield f"its import takes {plugin.milliseconds:.0f} ms, and every command waits; register 'module:Class'"
    if plugin.printed:
        yield f"it prints when it is imported: {plugin.printed.splitlines()[0]!r}"


def _broken(plugin: Plugin) -> Iterator[str]:
    """What would fail only when it is chosen: targets that cannot be loaded, options that cannot be checked."""
    from core.cli.command import command_class
    from core.config.options import options_of

    for spec in plugin.specs:
        try:
            if spec.section == "command":
                command_class(spec.load(), spec.where)
            if spec.section != "preset":  # which has no options
                options_of(spec.load(), spec.where)
        except SeqlabError as error:
            yield str(error)
