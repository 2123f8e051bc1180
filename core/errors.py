"""Errors that carry the fix: what happened, where, and what to do."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable, Mapping
from typing import Any


class SeqlabError(Exception):
    """An error whose cause the user can fix; the command line prints it without a traceback.

    Args:
        what: what happened, one clause.
        where: ``file:line`` or a dotted key; empty where there is no such place.
        remedy: what to do about it, one clause.
        code: what kind of error it is, for code that reacts to it; decisions never read the sentence.
        values: what the sentences say, as data.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        remedy: str = "",
        code: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.what, self.where, self.remedy, self.code, self.values = what, where, remedy, code, dict(values or {})
        super().__init__(what, where, remedy)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"; {self.remedy}" if self.remedy else "")


class ConfigError(SeqlabError):
    """A word of the command line, a key or a value that cannot be accepted."""

    exit_code = 2


class UnknownName(ConfigError):
    """A name (of a plugin, key, file or run) that does not exist."""


class DataError(SeqlabError):
    """Input data that cannot be read or does not hold what the task needs."""


class PluginError(SeqlabError):
    """A plugin that breaks the contract."""


class TrainingError(SeqlabError):
    """Training that cannot go on (a loss that is not finite, say)."""


class StoreError(SeqlabError):
    """A run folder that is missing, cut short or does not fit."""


class UnexpectedError(SeqlabError):
    """What no code foresaw, or what the machine refused: memory, a disk."""


LESS_MEMORY = "lower train.batch_size, the encoder's sizes, task.vocab_size or data.limit"


def explained(error: Exception) -> SeqlabError:
    """Any exception as an error that says what to do.

    Args:
        error: what was raised.

    Returns:
        The error itself where it is one of these; memory and disks by their remedy; else an internal error.
    """
    if isinstance(error, SeqlabError):
        return error
    text = str(error).partition("\n")[0]
    if isinstance(error, MemoryError) or _is_torch_memory(error):
        return UnexpectedError("out of memory", remedy=LESS_MEMORY)
    if isinstance(error, OSError):
        return UnexpectedError(error.strerror or text, where=str(error.filename or ""), remedy=disk_remedy(error))
    what = f"internal error: {type(error).__name__}: {text}"
    return UnexpectedError(what, remedy="run again with --debug for the traceback")


def _is_torch_memory(error: Exception) -> bool:
    """Whether torch could not allocate (a GPU's error has a name of its own, the CPU's is a RuntimeError)."""
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def disk_remedy(error: OSError) -> str:
    """What to do about a file that cannot be written or read."""
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    return "free some space, or choose another place" if full else "check the path and its permissions"


LISTED = 100  # names at most, where none is near


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for an unknown name: the nearest known ones, else all of them where they are no more than 100.

    Args:
        name: what was asked for.
        known: what exists.

    Returns:
        A clause such as ``did you mean 'name'?``.
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f"'{n}'" for n in close) + "?"
    if len(names) > LISTED:
        return f"check how it is written: none of the {len(names):,} that there are is like it"
    return "choose from: " + ", ".join(names) if names else "there is none to choose from"
