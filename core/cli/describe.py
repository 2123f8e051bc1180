"""``describe encoder=lstm``: the options of one thing with type, default and help."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import Any, ClassVar

from core.cli.console import console, print_table
from core.cli.shared_keys import PluginCommand
from core.config.schema import SECTIONS
from core.errors import ConfigError
from core.registry import registry


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
        from core.config import describe, presettings

        self.load_plugins()
        for target in self.targets:
            section, _, name = target.partition("=")
            spec = registry().specs("data").get(name) if section == "data" else None
            for key, value in getattr(spec.load(), "about", {}).items() if spec else ():
                console().print(f"{key:<8}  {value}")
        for (source, about), rows in groupby(describe(self.targets), key=lambda row: (row.source, row.about)):
            cells = [(row.key, row.type, row.default, row.help) for row in rows]
            print_table(f"{about} ({source})", ("option", "type", "default", "what"), cells)
        for target in self.targets:
            _show_presettings(target)
            if not (describe([target]) or presettings(target)):
                console().print(f"{target} has no options of its own.")


def _show_presettings(target: str) -> None:
    """What a preset sets, or a task for other sections; for those sections, where that is shown."""
    from core.config import presettings

    if target in ("train", "embedding"):
        console().print("Tasks set other defaults for some of these: describe task=NAME shows them.")
    if rows := presettings(target):
        where = "" if target.startswith("preset=") else "for neural encoders and "
        console().print(f"{target} sets, {where}where you set nothing:")
        print_table("", ("option", "default", "set by"), [(key, *values) for key, values in rows.items()])
