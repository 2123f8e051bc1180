"""``describe encoder=lstm``: the options of one thing with type, default and help."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import Any, ClassVar

from core.cli.console import console
from core.cli.shared_keys import PluginCommand
from core.config.schema import SECTIONS
from core.errors import ConfigError


class Describe(PluginCommand):
    """Show the options of something that is registered, or what a preset sets.

    Args:
        targets: encoder=NAME, embedding=NAME, task=NAME, data=NAME, observer=NAME, head=KIND, preset=NAME, train
            or run.
    """

    overrides: ClassVar[Collection[str]] = (*SECTIONS, "preset")

    def __init__(self, *targets: str, **options: Any) -> None:
        super().__init__(**options)
        if not targets:
            remedy = "write encoder=NAME, task=NAME, data=NAME, train or another (see describe --help)"
            raise ConfigError("what?", where="describe", remedy=remedy)
        self.targets = targets

    def execute(self) -> None:
        """Print one table per class that has options."""
        from rich.table import Table

        from core.config import describe

        self.load_plugins()
        for target in self.targets:
            _show_about(target)
        for (source, about), rows in groupby(describe(self.targets), key=lambda row: (row.source, row.about)):
            table = Table(title=f"{about} ({source})", title_justify="left", title_style="")
            for heading in ("option", "type", "default", "what"):
                table.add_column(heading, style="bold" if heading == "option" else "")
            for row in rows:
                table.add_row(row.key, row.type, row.default, row.help)
            console().print(table)
        for target in self.targets:
            _show_presettings(target)


def _show_presettings(target: str) -> None:
    """What a preset sets, or a task for other sections; for those sections, where that is shown."""
    from rich.table import Table

    from core.config import presettings

    if target in ("train", "embedding"):
        console().print("Tasks set other defaults for some of these: describe task=NAME shows them.")
    if not (rows := presettings(target)):
        return
    where = "" if target.startswith("preset=") else "for neural encoders and "
    console().print(f"{target} sets, {where}where you say nothing:")
    table = Table()
    for heading in ("option", "default", "set by"):
        table.add_column(heading, style="bold" if heading == "option" else "")
    for key, (value, who) in rows.items():
        table.add_row(key, value, who)
    console().print(table)


def _show_about(target: str) -> None:
    """Facts about a data set, such as its address and licence."""
    from rich.table import Table

    from core.registry import registry

    section, _, name = target.partition("=")
    spec = registry().specs("data").get(name) if section == "data" else None
    if spec and (about := getattr(spec.load(), "about", {})):
        table = Table(show_header=False, box=None)
        for key, value in about.items():
            table.add_row(key, value)
        console().print(table)
