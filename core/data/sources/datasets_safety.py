"""What the package ``datasets`` may read: files that are only parsed, from the data set's own place.

It brings readers that unpickle files, run SQL or decode tensors, and lets the card or the index of a data set
name any path or address. Both may come from somebody else, so only what is listed here is read.
"""

from __future__ import annotations

import importlib.util
import json
import os
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import ConfigError, DataError

READERS = ("arrow", "conll", "csv", "json", "parquet", "text")  # of ``datasets``; they only parse
CACHE = "cache"  # what a reader has written before, as Arrow
OLDEST = 4  # major version of ``datasets``; earlier ones execute programs of data sets
REPOSITORY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
CARDS = ("README.md", ".huggingface.yaml")  # the files of a data set that may name its data files
REMOTE, CHAIN = "://", "::"
PACKAGE = "datasets.packaged_modules."


def check_name(name: str, path: str, folder: str | None, revision: str | None) -> None:
    """Refuse names that are not those of a data set, before anything is fetched.

    Args:
        name: what follows ``data=``.
        path: the data set, the folder, or a reader of ``datasets`` such as ``csv``.
        folder: ``data.folder``.
        revision: ``data.revision``.

    Raises:
        ConfigError: an address, a path that is not there, or a reader that may execute something.
    """
    if is_reader(path):
        if path not in READERS:
            what = f"'{path}' is a reader of the package datasets that may execute code, so it is never used"
            raise ConfigError(what, where=name, remedy=f"name a data set, or one of the readers {_readers()}")
    elif _is_address(path) or not Path(path).is_dir() and (not REPOSITORY.fullmatch(path) or ".." in path):
        what = f"'{path}' is neither a data set of the hub nor a folder here"
        raise ConfigError(what, where=name, remedy="write hub:OWNER/NAME, or hub:FOLDER for an existing folder")
    elif folder and (os.path.isabs(folder) or ".." in Path(folder).parts):
        what = f"'{folder}' is not a folder within the data set"
        raise ConfigError(what, where="data.folder", remedy="write its path from the top of the data set")
    for key, value in (("data.folder", folder), ("data.revision", revision)):
        if value and (_is_address(value) or key == "data.revision" and ".." in value):
            raise ConfigError(f"'{value}' is an address", where=key, remedy="write a plain name")


def is_reader(path: str) -> bool:
    """Whether a name is that of a reader which ``datasets`` brings; these come before folders and data sets."""
    return path.isidentifier() and importlib.util.find_spec(f"{PACKAGE}{path}") is not None


def check_card(name: str, folder: Path) -> None:
    """Refuse a folder whose card names data files elsewhere, before they are looked for.

    Raises:
        DataError: the card names an address.
    """
    import yaml

    for file in CARDS:
        if not (folder / file).is_file():
            continue
        text = (folder / file).read_text("utf-8", errors="replace")
        header = text.split("\n---", 1)[0].removeprefix("---") if file == CARDS[0] else text
        try:
            loaded = yaml.safe_load(header)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue  # datasets says what is wrong with it
        configs = loaded.get("configs") if isinstance(loaded, dict) else None
        for config in configs if isinstance(configs, list) else ():
            places = [config.get("data_files"), config.get("data_dir")] if isinstance(config, dict) else None
            for value in filter(_is_address, _strings(places, set())):
                raise _outside(name, value)


def _strings(value: Any, seen: set[int]) -> Iterator[str]:
    """Every text in lists and mappings, each of which is looked at once, however often it is repeated."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and id(value) not in seen:
        seen.add(id(value))
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item, seen)


def check_builder(name: str, path: str, folder: str | None, builder: Any) -> None:
    """Refuse what ``datasets`` has chosen to read, before it reads it.

    Args:
        name: what follows ``data=``.
        path: the data set, folder or reader.
        folder: ``data.folder``.
        builder: the ``datasets.DatasetBuilder``.

    Raises:
        DataError: its reader is not one of ``READERS``, or a file is outside of the data set.
    """
    modules = {cls.__module__ for cls in type(builder).__mro__ if cls.__module__.startswith(PACKAGE)}
    readers = {module.removeprefix(PACKAGE).partition(".")[0] for module in modules}
    if not readers or not readers <= {*READERS, CACHE}:
        what = f"its files are read by '{', '.join(sorted(readers)) or type(builder).__name__}' of the package"
        what += " datasets, which may execute code, so they are not read"
        remedy = f"convert them to a format that one of these reads: {_readers()}"
        raise DataError(what, where=name, remedy=remedy)
    tops = [posixpath.normpath(Path(top).expanduser().absolute().as_posix()) for top in _tops(path, folder)]
    tops += [os.path.realpath(top) for top in tops]
    for files in (builder.config.data_files or {}).values():
        for file in map(str, files):
            inside = posixpath.normpath(file)
            if tops and not any(inside.startswith(f"{top.rstrip('/')}/") for top in tops):
                raise _outside(name, file)
            if not tops and not re.match(rf"hf://datasets/{re.escape(path)}[@/](?!.*(\.\./|::))", file):
                raise _outside(name, file)


def _tops(path: str, folder: str | None) -> list[str]:
    """The folder on this machine that holds a data set; none for one of the hub."""
    if is_reader(path):
        return [folder or "."]
    return [path] if Path(path).is_dir() else []


def check_saved(data: str | Path) -> None:
    """Refuse a folder that ``save_to_disk`` wrote whose indexes name splits or files elsewhere.

    Raises:
        DataError: a split or a file that is not a plain name, or a folder that ``datasets`` takes for an address.
    """
    folder = Path(data)
    if _is_address(str(data)):
        raise DataError("this is read as an address, not as a folder", where=str(data), remedy="rename the folder")
    index, splits = folder / "dataset_dict.json", [folder]
    if index.is_file():
        names = _names(index, lambda data: data["splits"])
        splits = [folder / name for name in names]
    for split in splits:
        if (state := split / "state.json").is_file():
            _names(state, lambda data: [part["filename"] for part in data["_data_files"]])


def _names(file: Path, names: Callable[[Any], list[str]]) -> list[str]:
    """The names in an index, each of which is plain."""
    try:
        found = names(json.loads(file.read_text("utf-8")))
        plain = all(name == Path(name).name and name != ".." and not _is_address(name) for name in found)
    except (ValueError, KeyError, TypeError, RecursionError):
        return []  # datasets says what is wrong with it
    if not plain:
        what = "the index of the saved data set names a file outside of it, so it is not read"
        raise DataError(what, where=str(file), remedy="save it again with save_to_disk")
    return found


def check_version(version: str) -> None:
    """Refuse a version of ``datasets`` that may execute the program of a data set, with a ConfigError."""
    if int(version.partition(".")[0]) < OLDEST:
        what = f"version {version} of the package datasets may execute the program of a data set"
        raise ConfigError(what, where="data", remedy=f"pip install 'datasets>={OLDEST}'")


def _is_address(text: str) -> bool:
    return REMOTE in text or CHAIN in text or text.startswith("buckets/")


def _outside(name: str, file: str) -> DataError:
    what = f"its card names '{file}', which is outside of the data set, so it is not read"
    return DataError(what, where=name, remedy="fetch that file yourself, and read it with data=FILE")


def _readers() -> str:
    return ", ".join(READERS)
