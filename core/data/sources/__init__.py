"""Sources of rows: files, folders, data sets of the hub."""

from __future__ import annotations

import glob
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UnknownName, nearest

if TYPE_CHECKING:
    from core.data.sources.base import Source

HUB = "hub:"
NO_DATA = "none"  # for tasks that evaluate vectors which were trained elsewhere


def is_there(name: str) -> bool:
    """Whether the value of ``data=`` can be data: existing files (a path or pattern), one of the hub, or none."""
    path = Path(name).expanduser()
    if name == NO_DATA or name.startswith(HUB):
        return True
    return path.exists() or (glob.has_magic(name) and any(glob.iglob(str(path))))


def source_class(data: Any) -> type[Source]:
    """The class that reads the value of ``data=``; its keyword-only parameters are the ``data.*`` options.

    Args:
        data: a path to a file, to a folder of files (of parallel text with a file per language, see ``parallel``)
            or to a folder that ``datasets`` saved, a pattern of files,
            ``hub:OWNER/NAME[:CONFIG]``, a ``datasets.DatasetDict``, or ``none`` for no text.
    """
    if data == NO_DATA:
        from core.data.sources.nothing import Nothing

        return Nothing
    if isinstance(data, str) and data.startswith(HUB):
        from core.data.sources.hub import HubSource

        return HubSource
    saved = ("dataset_dict.json", "state.json")
    if isinstance(data, (str, Path)) and not any((Path(data) / name).is_file() for name in saved):
        from core.data.sources.parallel import Parallel, is_parallel

        if is_parallel(Path(data)):
            return Parallel
        from core.data.sources.files import Files

        return Files
    from core.data.sources.dataset_dict import DatasetDictSource

    return DatasetDictSource


def open_source(data: Any, **options: Any) -> Source:
    """Open the value of ``data=``.

    Args:
        data: see ``source_class``.
        options: the ``data.*`` options.

    Raises:
        UnknownName: an option that this kind of data does not have.
        DataError: it cannot be read.
    """
    cls: Any = source_class(data)
    known = [name for name, p in inspect.signature(cls).parameters.items() if p.kind is p.KEYWORD_ONLY]
    for name in options:
        if name not in known:
            raise UnknownName("this data has no such option", where=f"data.{name}", remedy=nearest(name, known))
    opened: Source = cls(data, **options)
    return opened
