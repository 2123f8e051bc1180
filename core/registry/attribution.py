"""Which plugin raised an exception or breaks its contract."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from core.errors import INTERNAL, UNDEFINED, PluginError, SeqlabError, explained
from core.registry import Spec


def attribute_error(error: Exception, specs: Sequence[Spec]) -> SeqlabError:
    """Turn an exception of a run that uses ``specs`` into an error that says what to do.

    Returns:
        As ``core.errors.explained``; for an internal error in a plugin, the plugin and the line.
    """
    result = explained(error)
    if result.code == UNDEFINED:
        named = [spec for spec in specs if _file(spec) == result.where]
        return PluginError(result.what, where=named[0].where, remedy=_remedy(named[0])) if named else result
    if result.code != INTERNAL:
        return result
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):  # the frame that raised it first
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        candidates = [spec for spec in specs if _file(spec) == file]
        if candidates:  # one file may define several: prefer the class whose method it is
            spec = min(candidates, key=lambda spec: not name.startswith(f"{spec.load().__qualname__}."))
            text = str(error).partition("\n")[0]
            what = f"raised {type(error).__name__}: {text} ({file}:{line})"
            return PluginError(what, where=spec.where, remedy=_remedy(spec))
    return result


def contract_error(specs: Sequence[Spec], what: str) -> PluginError:
    """The error of a part of a run, the encoder or the joined embeddings, that breaks its contract: ``what``."""
    where = f"{specs[0].section}={'+'.join(spec.name for spec in specs)}"
    return PluginError(what, where=where, remedy=", or ".join(dict.fromkeys(map(_remedy, specs))))


def _remedy(spec: Spec) -> str:
    return f"fix plugin {spec.plugin} ({spec.source}), or leave {spec.where} out"


def _file(spec: Spec) -> str:
    """The file that defines the class of a spec."""
    return str(getattr(sys.modules.get(spec.load().__module__), "__file__", None) or "?")
