"""``describe encoder=lstm``: the options of one thing with type, default and help."""

from __future__ import annotations

from itertools import groupby

from core.cli.common import console, take_plugins
from core.errors import ConfigError


def verb(words: list[str]) -> None:
    """Show the options of ``encoder=NAME``, ``task=NAME``, ``train`` and so on, or what ``preset=NAME`` sets."""
    from rich.table import Table

    from core.config import describe

    words = take_plugins(words)
    if not words:
        remedy = "write encoder=NAME, embedding=NAME, task=NAME, data=NAME, head=KIND, preset=NAME, train or run"
        raise ConfigError("what?", where="describe", remedy=remedy)
    for word in words:
        _show_about(word)
    for (source, about), rows in groupby(describe(words), key=lambda row: (row.source, row.about)):
        table = Table(title=f"{about} ({source})", title_justify="left", title_style="")
        for heading in ("option", "type", "default", "what"):
            table.add_column(heading, style="bold" if heading == "option" else "")
        for row in rows:
            table.add_row(row.key, row.type, row.default, row.help)
        console().print(table)
    for word in words:
        _show_presettings(word)


def _show_presettings(word: str) -> None:
    """What a preset sets, or a task for other sections; for those, where that stands."""
    from rich.table import Table

    from core.config import presettings

    if word in ("train", "embedding"):
        console().print("Tasks set other defaults for some of these: describe task=NAME shows them.")
    if not (rows := presettings(word)):
        return
    where = "" if word.startswith("preset=") else "for neural encoders and "
    console().print(f"{word} sets, {where}where you say nothing:")
    table = Table()
    for heading in ("option", "default", "set by"):
        table.add_column(heading, style="bold" if heading == "option" else "")
    for key, (value, who) in rows.items():
        table.add_row(key, value, who)
    console().print(table)


def _show_about(word: str) -> None:
    """What a data set says of itself, such as address and licence."""
    from rich.table import Table

    from core.registry import registry

    section, _, name = word.partition("=")
    spec = registry().specs("data").get(name) if section == "data" else None
    if spec and (about := getattr(spec.load(), "about", {})):
        table = Table(show_header=False, box=None)
        for key, value in about.items():
            table.add_row(key, value)
        console().print(table)
