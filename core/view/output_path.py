"""Where a page or a picture may be written: checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.errors import ConfigError


def output_path(name: str, noun: str, endings: Sequence[str], where: str) -> Path:
    """The path of a file to write.

    Args:
        name: the path as the user writes it.
        noun: what is written: ``page``, ``picture``.
        endings: the endings of the name that fit.
        where: the key, for errors.

    Raises:
        ConfigError: the name has another ending, or the folder does not exist.
    """
    path = Path(name).expanduser()
    if path.suffix not in endings:
        what = f"'{path.name}' is not a {noun}"
        raise ConfigError(what, where=where, remedy=f"end the name in {' or '.join(endings)}")
    if not path.absolute().parent.is_dir():
        remedy = "create the folder first, or name another"
        raise ConfigError(f"there is no folder {path.parent}", where=where, remedy=remedy)
    return path
