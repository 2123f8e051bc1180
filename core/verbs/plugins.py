"""``plugins``: what was loaded, from where, and what failed."""

from __future__ import annotations

from core.registry import registry
from core.verbs.common import console, take_plugins


def verb(words: list[str]) -> None:
    """Show each plugin with its source, what it registered, and its error if it failed."""
    from rich.table import Table

    take_plugins(words)
    table = Table()
    for heading in ("plugin", "version", "source", "registers", "import ms", "error"):
        table.add_column(heading, justify="right" if heading == "import ms" else "left")
    for plugin in registry().plugins():
        names = ", ".join(f"{s.section}={s.name}" for s in plugin.specs)
        table.add_row(
            plugin.name, plugin.version, plugin.source, names, f"{plugin.milliseconds:.0f}", plugin.error
        )
    console().print(table)
