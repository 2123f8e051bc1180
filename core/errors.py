"""Errors as data: what happened, where, and what to do."""

from __future__ import annotations

import difflib
import errno
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core import memory


class SeqlabError(Exception):
    """An error that the user can fix; the command line prints it without a traceback.

    Args:
        what: what happened, one clause.
        where: ``file:line`` or a dotted key; empty if there is no such place.
        remedy: what to do about it, one clause.
        code: what kind of error it is, for code that reacts to it. No decision reads the sentence.
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
    """An argument, a key or a value that is not valid."""

    exit_code = 2


class UnknownName(ConfigError):
    """A name (of a plugin, key, file or run) that does not exist."""


class DataError(SeqlabError):
    """Input data that cannot be read or lacks what the task needs."""


class PluginError(SeqlabError):
    """A plugin that breaks its contract."""


class TrainingError(SeqlabError):
    """Training that cannot continue, for example because the loss is not finite."""


class StoreError(SeqlabError):
    """A run folder that is missing, incomplete or does not match."""


class UnexpectedError(SeqlabError):
    """An internal error, or a failure of the machine: memory, a disk."""


INTERNAL = "internal"  # the code of an error that nothing anticipates
UNDEFINED = "plugin.undefined"  # the code of a method that a plugin's class does not define; the place is its file
MEMORY = "memory"  # the code of an error that says that memory has run out
LESS_MEMORY = "lower train.batch_size, the encoder's sizes, data.max_length, task.vocab_size or data.limit"


def out_of_memory(doing: str = "", remedy: str = LESS_MEMORY, where: str = "") -> UnexpectedError:
    """The error that says that memory has run out, what was being done, and how much there is."""
    amounts, most = memory.amounts(), memory.limit()
    if most is not None and most < memory.NEEDED:
        remedy = f"raise the limit (ulimit -v) to {memory.NEEDED / memory.GB:.1f} GB or more, or {remedy}"
    what = "out of memory" + (f" while {doing}" if doing else "") + (f" ({amounts})" if amounts else "")
    return UnexpectedError(what, where=where, remedy=remedy, code=MEMORY)


@contextmanager
def naming_memory(doing: str, remedy: str = LESS_MEMORY) -> Iterator[None]:
    """Within this, an exception because of memory becomes an error that says what was being done.

    Args:
        doing: what, such as ``training the model``.
        remedy: what needs less.

    Raises:
        UnexpectedError: memory has run out.
    """
    try:
        yield
    except Exception as error:
        if not memory.is_exhausted(error) or getattr(error, "code", "") == MEMORY:
            raise
        raise out_of_memory(doing, remedy, getattr(error, "where", "")) from error


def explained(error: Exception) -> SeqlabError:
    """Turn any exception into an error that says what to do.

    Args:
        error: what was raised.

    Returns:
        An error with a remedy where memory or a disk is the cause, the error itself if it is another
        ``SeqlabError``, else an error with the code ``INTERNAL``.
    """
    if memory.is_exhausted(error) and getattr(error, "code", "") != MEMORY:
        return out_of_memory(where=getattr(error, "where", ""))
    if isinstance(error, SeqlabError):
        return error
    text = str(error).partition("\n")[0]
    if isinstance(error, OSError):
        return UnexpectedError(error.strerror or text, where=str(error.filename or ""), remedy=disk_remedy(error))
    if isinstance(error, NotImplementedError) and (undefined := _undefined(error)):
        return undefined
    what = f"internal error: {type(error).__name__}: {text}"
    return UnexpectedError(what, remedy="run again with --debug for the traceback", code=INTERNAL)


def _undefined(error: NotImplementedError) -> PluginError | None:
    """The error of a class outside core that lacks a method which its base class leaves to it."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    method, owner = (frames[-1].f_code.co_name, type(frames[-1].f_locals.get("self"))) if frames else ("", object)
    is_torch = method == "_forward_unimplemented"  # what torch calls where a module has no forward
    is_base = is_torch or frames and frames[-1].f_globals.get("__name__", "").startswith("core.")
    if not is_base or owner.__module__.startswith(("core.", "builtins")) or method in vars(owner):
        return None
    name = "forward" if is_torch else method
    what, remedy = (
        f"{owner.__qualname__} does not define {name}",
        f"define it, as {owner.__mro__[1].__name__} asks",
    )
    file = str(getattr(sys.modules.get(owner.__module__), "__file__", None) or owner.__module__)
    return PluginError(what, where=file, remedy=remedy, code=UNDEFINED)


def disk_remedy(error: OSError) -> str:
    """What to do if a file cannot be written or read."""
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    return "free some space, or choose another folder" if full else "check the path and its permissions"


LISTED = 100  # the most names that an error lists


def closest(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are spelled almost like a name, the closest first, at most three."""
    return difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6)


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for an unknown name: the closest known ones, else all of them if there are at most 100.

    Args:
        name: the unknown name.
        known: the known names.

    Returns:
        A clause such as ``did you mean 'name'?``.
    """
    names = sorted(set(known))
    if close := closest(name, names):
        return "did you mean " + " or ".join(f"'{n}'" for n in close) + "?"
    if len(names) > LISTED:
        return f"check the spelling: none of the {len(names):,} known names is similar"
    return "choose from: " + ", ".join(names) if names else "there is none to choose from"
