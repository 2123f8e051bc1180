"""Other data for a saved run: it is read as the run's own data was, unless an argument says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.config.options import options_of
from core.config.overrides import Override
from core.config.run_config import RunConfig
from core.config.schema import Choice
from core.data.sources import HUB, formats
from core.data.sources.split_discovery import candidates, matching
from core.errors import SeqlabError

PLACES = ("train", "dev", "test", "folder", "revision")  # options that say which rows are read, not how
FORMATTED = ("format", "encoding", "blank")  # options that mean the same in every format


def is_same(config: RunConfig, name: str) -> bool:
    """Whether the value of ``data=`` is the run's own data, perhaps as another path to it."""
    own = config.data.target
    paths = isinstance(own, str) and Path(own).exists() and Path(name).expanduser().exists()
    return name == config.data.name or (paths and Path(own).resolve() == Path(name).expanduser().resolve())


def remembered(config: RunConfig, new: Choice, given: Mapping[str, Override]) -> dict[str, Any]:
    """How a run's own data is read, as far as other data can be read so: names of ``data.*`` options -> values.

    Args:
        config: the saved run.
        new: the other data.
        given: the overrides, by key; what they set is not remembered.
    """
    own = config.data.options if new.spec else config.data.load().reading(config.data.options)
    known = options_of(new.load(), f"data={new.name}")
    kept = {name: own[name] for name in own if name in known and name not in PLACES}
    if new.spec is None:
        asked = given["data.format"].values[0] if "data.format" in given else None
        kept = fitting(kept, config.data.target, new.target, asked)
    return {name: value for name, value in kept.items() if f"data.{name}" not in given}


def fitting(own: Mapping[str, Any], old: Any, new: Any, asked: str | None = None) -> dict[str, Any]:
    """The options of a run's data that fit other data.

    Columns are named in one format and numbered in another, so they are remembered within one format, and from one
    format with named columns to another.

    Args:
        own: the options with which the run's data is read.
        old: the run's data, as ``data=`` names it; None where it is not known.
        new: the other data, likewise.
        asked: the format of the other data, where the user says it.
    """
    fits, encoding = dict(own), str(own.get("encoding", "utf-8"))
    if own.get("format", "auto") != "auto" and _has_other_ending(old, new):
        fits["format"] = "auto"
    before = _format(old, own.get("format", "auto"), encoding)
    after = _format(new, asked or fits.get("format", "auto"), encoding)
    if before is None or after is None or before == after:
        return fits
    named = all(not formats.find(name).output_ending for name in (before, after))
    columns = ("text", "label") if named else ()
    return {name: value for name, value in fits.items() if name in (*FORMATTED, *columns)}


def _has_other_ending(old: Any, new: Any) -> bool:
    """Whether the other data has an ending that decides its format, and the run's data has not."""
    endings = {formats.ending(file) for file in _files(old)}
    for file in _files(new):
        name = formats.by_ending(file)
        if name and formats.find(name).ending_decides and formats.ending(file) not in endings:
            return True
    return False


def _format(data: Any, name: str, encoding: str) -> str | None:
    """The format of data; None where it is not known."""
    if name != "auto":
        return name
    if isinstance(data, str) and not data.startswith(HUB):
        file = next(iter(_files(data)), None)
        try:
            return formats.detect(file, encoding)[0] if file else None
        except SeqlabError:  # it is gone, or is not what it should be
            return formats.by_ending(file) if file else None
    return "parquet"  # of the hub, or in memory: the columns have names and types


def _files(data: Any) -> list[Path]:
    """Files of the value of ``data=``; none of the hub and of objects."""
    if not isinstance(data, str) or data.startswith(HUB):
        return []
    path = Path(data)
    return candidates(path) if path.is_dir() else list(matching(path)) or [path]
