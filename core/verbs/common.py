"""What several verbs share."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from core.registry import registry

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 140  # columns where the output is no terminal


def console() -> Console:
    """The console for results: standard output."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def take_plugins(words: list[str]) -> list[str]:
    """Load the plugins named by ``plugin=`` and return the other words."""
    for word in words:
        if word.startswith("plugin="):
            for named in word.removeprefix("plugin=").split(","):
                registry().load(named)
    return [word for word in words if not word.startswith("plugin=")]


def take(words: list[str], *keys: str) -> tuple[dict[str, str], list[str]]:
    """Split off the words ``key=value`` of the given keys; return them and the words that remain."""
    taken: dict[str, str] = {}
    rest = []
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in keys:
            taken[key] = value
        else:
            rest.append(word)
    return taken, rest
