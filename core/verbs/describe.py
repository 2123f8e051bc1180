"""``describe encoder=lstm``: the options of one thing with type, default and help."""

from __future__ import annotations

import sys
from itertools import groupby

from core.errors import ConfigError
from core.verbs.common import console, take_plugins


def verb(words: list[str]) -> None:
    """Show the options of ``encoder=NAME``, ``task=NAME``, ``head=KIND``, ``train`` and the like."""
    from rich.table import Table

    from core.config import describe

    words = take_plugins(words)
    if not words:
        remedy = "write encoder=NAME, embedding=NAME, task=NAME, data=NAME, head=KIND, train or run"
        raise ConfigError("what?", where="describe", remedy=remedy)
    for word in words:
        _show_about(word)
    for source, rows in groupby(describe(words), key=lambda row: row.source):
        table = Table(title=f"{_first_line(source)} ({source})", title_justify="left", title_style="")
        for heading in ("option", "type", "default", "what"):
            table.add_column(heading, style="bold" if heading == "option" else "")
        for row in rows:
            table.add_row(row.key, row.type, row.default, row.help)
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


def _first_line(source: str) -> str:
    """The first line of the docstring of ``module:Class``."""
    module, _, name = source.partition(":")
    doc = getattr(getattr(sys.modules.get(module), name, None), "__doc__", None) or ""
    return str(doc).strip().partition("\n")[0]
