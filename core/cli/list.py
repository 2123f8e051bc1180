"""``list``: what is registered, with one line of help each."""

from __future__ import annotations

from typing import Any

from core.cli.console import console
from core.cli.shared_keys import PluginCommand
from core.errors import UnknownName, nearest
from core.hooks import SECTIONS
from core.registry import registry


class List(PluginCommand):
    """List everything that is registered, or only some sections of it (`list encoder`).

    Args:
        sections: encoder, embedding, task, data, format, observer, preset, grid or command.
    """

    def __init__(self, *sections: str, **options: Any) -> None:
        super().__init__(**options)
        for section in sections:
            if section.rstrip("s") not in SECTIONS:
                remedy = nearest(section, SECTIONS)
                raise UnknownName(f"there is no section '{section}'", where="list", remedy=remedy)
        self.sections = [section.rstrip("s") for section in sections] or list(SECTIONS)

    def execute(self) -> None:
        """Print one row per name."""
        from rich.table import Table

        from core.view.layout import cell

        self.load_plugins()
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for wraps in (False, False, True):
            table.add_column(no_wrap=not wraps, overflow="fold")
        for section in self.sections:
            for i, spec in enumerate(registry().specs(section).values()):
                sees = f" (sees {spec.extra['sees']}, {spec.extra['family']})" if "sees" in spec.extra else ""
                names = cell("" if i else section, "bold"), cell(spec.name)
                table.add_row(*names, cell(spec.help + sees))
        console().print(table)
