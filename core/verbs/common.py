"""What several verbs share."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError, DataError, UnknownName, nearest
from core.registry import registry

if TYPE_CHECKING:
    from rich.console import Console

    from core.load import Loaded

PIPE_WIDTH = 140  # columns where the output is no terminal


def console(error: bool = False) -> Console:
    """The console for results (standard output), or for what is said on the way (standard error)."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(stderr=error, width=None if stream.isatty() else PIPE_WIDTH, highlight=False)


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


KEPT = ("run", "runs", "device", "plugin")  # the words that name a kept run


def kept_run(taken: dict[str, str], verb: str) -> Loaded:
    """The trained model that the words of ``KEPT`` name.

    Raises:
        ConfigError: there is no ``run=``.
        StoreError: there is no such run, or it has no model.
    """
    if "run" not in taken:
        raise ConfigError("which run?", where=verb, remedy="name one: run=ID (see `seqlab runs`)")
    from core.load import load

    plugins = [name for name in taken.get("plugin", "").split(",") if name]
    runs, device = taken.get("runs", "runs"), taken.get("device", "auto")
    return load(taken["run"], runs=runs, device=device, plugins=plugins)


def refuse(words: list[str], verb: str, known: Iterable[str]) -> None:
    """The error for the first word that a verb does not know, if there is one."""
    for word in words:
        key, equals, _ = word.partition("=")
        remedy = nearest(key, known) if equals else "write key=value; quote a value that holds blanks"
        raise UnknownName(f"'{word}' is not understood", where=verb, remedy=remedy)


def lines(name: str | None) -> Iterator[str]:
    """The lines of a text file, without their ends; of standard input where there is no name.

    Raises:
        DataError: the file cannot be read, or is not UTF-8.
    """
    try:
        if name is None:
            yield from (line.rstrip("\r\n") for line in sys.stdin)
            return
        with Path(name).open(encoding="utf-8", newline="\n") as file:
            yield from (line.rstrip("\r\n") for line in file)
    except UnicodeDecodeError as error:
        remedy = "convert it, with iconv for instance"
        raise DataError("is not UTF-8", where=name or "standard input", remedy=remedy) from error
    except OSError as error:
        remedy = "name a text file"
        raise DataError(f"cannot be read: {error.strerror}", where=name or "", remedy=remedy) from error
