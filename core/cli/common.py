"""What several verbs share."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from core.errors import ConfigError, UnknownName, nearest
from core.registry import registry

if TYPE_CHECKING:
    from rich.console import Console

    from core.runs.trained_model import TrainedModel

PIPE_WIDTH = 140  # columns where the output is no terminal


def console(error: bool = False) -> Console:
    """The console for results (standard output), or for what is said on the way (standard error).

    Names, paths and messages are printed as they are: brackets and colons in them are no markup.
    """
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(stderr=error, width=width, highlight=False, markup=False, emoji=False)


def take_plugins(words: list[str]) -> list[str]:
    """Load the plugins named by ``plugin=`` and return the other words; one that does not load is told.

    Raises:
        UnknownName: there is no such file.
    """
    for word in words:
        if word.startswith("plugin="):
            for named in word.removeprefix("plugin=").split(","):
                if error := registry().load(named).error:
                    print(f"note: {error}", file=sys.stderr)
    return [word for word in words if not word.startswith("plugin=")]


def take(words: list[str], *keys: str) -> tuple[dict[str, str], list[str]]:
    """Split off the words ``key=value`` of the given keys; return them and the words that remain.

    Raises:
        ConfigError: a key is given twice.
    """
    taken: dict[str, str] = {}
    rest = []
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in keys:
            if key in taken:
                remedy = "give it once" + (", several with commas between" if key in ("plugin", "runs") else "")
                raise ConfigError("given twice", where=key, remedy=remedy)
            taken[key] = value
        else:
            rest.append(word)
    return taken, rest


def check_input(taken: dict[str, str], sentences: list[str]) -> None:
    """Refuse sentences beside ``file=``.

    Raises:
        ConfigError: both are given.
    """
    if sentences and "file" in taken:
        what = "sentences are given too, and one of the two would be ignored"
        raise ConfigError(what, where="file", remedy="give one")


KEPT = ("run", "runs", "device", "plugin")  # the words that name a kept run


def kept_run(taken: dict[str, str], verb: str) -> TrainedModel:
    """The trained model that the words of ``KEPT`` name.

    Raises:
        ConfigError: there is no ``run=``.
        StoreError: there is no such run, or it has no model.
    """
    if "run" not in taken:
        raise ConfigError("which run?", where=verb, remedy="name one: run=ID (see `seqlab runs`)")
    from core.runs.trained_model import load

    plugins = [name for name in taken.get("plugin", "").split(",") if name]
    take_plugins([f"plugin={name}" for name in plugins])
    runs, device = taken.get("runs", "runs"), taken.get("device", "auto")
    return load(taken["run"], runs=runs, device=device, plugins=plugins)


def named_runs(taken: dict[str, str]) -> list[str]:
    """The kept runs that ``runs=A,B`` or ``runs=[A,B]`` names."""
    from core.config.overrides import alternatives

    items = alternatives(taken["runs"], "runs") if "runs" in taken else ()
    return [str(name) for item in items for name in (item if isinstance(item, list) else [item])]


def refuse(words: list[str], verb: str, known: Collection[str]) -> None:
    """The error for the first word that a verb does not know, if there is one."""
    for word in words:
        key, equals, _ = word.partition("=")
        remedy = nearest(key, known) if equals else "write key=value; quote a value that holds blanks"
        if key == "folder" and "runs" in known:
            remedy = "runs= names the folder of runs"
        raise UnknownName(f"'{word}' is not understood", where=verb, remedy=remedy)


KEY = re.compile(r"[a-z_]+=\S*")  # what looks like a key of a verb, and not like a sentence


def refuse_keys(words: list[str], verb: str, known: Collection[str]) -> None:
    """The error for the first sentence that is written like a key, which a wrong letter makes of one."""
    refuse([word for word in words if KEY.fullmatch(word)], verb, known)
