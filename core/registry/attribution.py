"""Whose fault an exception is: a plugin's, where its code stands in the traceback."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from core.config import Choice, Config
from core.errors import PluginError, SeqlabError, UnexpectedError, explained
from core.registry import Spec


def blamed(error: Exception, config: Config) -> SeqlabError:
    """An exception of a run as an error that says what to do, and which plugin raised it, if one did.

    Args:
        error: what was raised.
        config: what ran.

    Returns:
        As ``core.errors.explained``; for an exception that nothing foresaw, the plugin's name and the line.
    """
    told = explained(error)
    if not isinstance(told, UnexpectedError) or not told.what.startswith("internal error"):
        return told
    chosen = (config.encoder, *config.embeddings.values(), config.task, config.data)
    files = [(_file(choice), choice) for choice in chosen if choice.spec]
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):  # where it was raised comes first
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        there = [choice for path, choice in files if path == file]
        there.sort(
            key=lambda choice: not name.startswith(f"{choice.load().__qualname__}.")
        )  # one file may hold many
        if there and (spec := there[0].spec):
            text = str(error).partition("\n")[0]
            what = f"raised {type(error).__name__}: {text} ({file}:{line})"
            return PluginError(what, where=spec.where, remedy=_remedy(spec))
    return told


def fault(config: Config, section: str, what: str) -> PluginError:
    """The error of a part of a run that breaks its contract, with the plugin that it comes from.

    Args:
        config: what runs.
        section: ``encoder`` or ``embedding``.
        what: the rule, and what breaks it.
    """
    choices = [config.encoder] if section == "encoder" else list(config.embeddings.values())
    specs = [choice.spec for choice in choices if choice.spec]
    where = f"{section}={'+'.join(spec.name for spec in specs)}"
    return PluginError(what, where=where, remedy=", or ".join(dict.fromkeys(map(_remedy, specs))))


def _remedy(spec: Spec) -> str:
    return f"mend plugin {spec.plugin} ({spec.source}), or leave {spec.where} out"


def _file(choice: Choice) -> str:
    """The file that the class of a choice is written in."""
    module = sys.modules.get(choice.load().__module__)
    return str(Path(getattr(module, "__file__", None) or "?"))
