"""``list [kind]``: what there is, with one line of help each."""

from __future__ import annotations

from core.cli.common import console, take_plugins
from core.errors import UnknownName, nearest
from core.hooks import SECTIONS
from core.registry import registry


def verb(words: list[str]) -> None:
    """List everything that is registered, or one kind of it (``list encoder``)."""
    from rich.table import Table
    from rich.text import Text

    words = take_plugins(words)
    kinds = [word.rstrip("s") if word.rstrip("s") in SECTIONS else word for word in words] or list(SECTIONS)
    for word, kind in zip(words, kinds, strict=False):
        if kind not in SECTIONS:
            raise UnknownName(f"there is no kind '{word}'", where="list", remedy=nearest(word, SECTIONS))
    found = registry()
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for kind in kinds:
        for i, name in enumerate(found.names(kind)):
            spec = found.get(kind, name)
            sees = f" (sees {spec.extra['sees']}, {spec.extra['family']})" if "sees" in spec.extra else ""
            table.add_row(Text(kind if i == 0 else "", style="bold"), name, spec.help + sees)
    console().print(table)
