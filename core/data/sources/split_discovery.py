"""Which file of a folder is which split."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from core.data.sources.base import SPLITS
from core.data.sources.compression import PACKED
from core.data.sources.formats import ending, endings
from core.errors import DataError
from core.types import Note

Paths = tuple[Path, ...]

WORDS = {"train": "train", "dev": "dev", "valid": "dev", "validation": "dev", "val": "dev", "test": "test"}
WORD = re.compile(r"(?<![a-z])(train|dev|validation|valid|val|test)(?![a-z])")
_SHARD = re.compile(r"(.*)-(\d{5})-of-(\d{5})(?:-[0-9a-f]+)?(\..*)")  # stem, number, total, end


def find_splits(path: Path, named: Mapping[str, str | Sequence[str]]) -> tuple[dict[str, Paths], list[Note]]:
    """The files of each split.

    Args:
        path: a folder, or a file or pattern (``*``), which is ``train``.
        named: split -> another split's name, a file in the folder, a path, a pattern, or several of these.

    Returns:
        Split -> files in the order of ``SPLITS``, and what the user should know about them.

    Raises:
        DataError: nothing is found, or two files for one split.
    """
    whole = (path,) if path.exists() else matching(path)
    if not whole:
        raise DataError("there is no such file or folder", where=str(path), remedy="check the path after data=")
    folder = path if path.is_dir() else path.parent
    found = _recognised(path, named) if path.is_dir() else {"train": whole}
    chosen = {split: _named_files(split, value, folder, found) for split, value in named.items()}
    notes = []
    for split in [split for split in found if split not in chosen]:
        user = next((s for s, files in chosen.items() if _overlap(files, found[split])), None)
        if user is None:
            chosen[split] = found[split]
            continue
        names = ", ".join(file.name for file in found[split])
        verb, what = ("is", "it is") if len(found[split]) == 1 else ("are", "they are")
        sentence = f"{names} {verb} read as {user} (data.{user}), so {what} not offered as {split}"
        notes.append(Note("source.split", sentence, {"split": split, "used_as": user}))
    if not chosen:
        raise _nothing(path)
    for file in [file for files in chosen.values() for file in files if not file.is_file()]:
        what, remedy = "it is a device or a pipe, and data is read more than once", "write it to a file first"
        raise DataError(what, where=str(file), remedy=remedy)
    for one, other in combinations(sorted(chosen, key=SPLITS.index), 2):
        if _overlap(chosen[one], chosen[other]):
            sentence = f"{one} and {other} are read from one file, so {other} says nothing about new text"
            notes.append(Note("source.overlap", sentence, {"splits": (one, other)}))
    return {split: chosen[split] for split in SPLITS if split in chosen}, notes


def matching(pattern: Path) -> Paths:
    """The files that a pattern with ``*``, ``?`` or ``[...]`` means, by name."""
    names = sorted(glob.glob(str(pattern))) if glob.has_magic(str(pattern)) else []
    return tuple(Path(name) for name in names if Path(name).is_file())


def candidates(folder: Path) -> list[Path]:
    """The files of a folder that may hold data, by name."""
    known = endings()
    try:
        return sorted(file for file in folder.iterdir() if ending(file) in known and file.is_file())
    except OSError as error:
        what = f"the folder cannot be read ({error.strerror or error})"
        raise DataError(what, where=str(folder), remedy="check its permissions") from None


def _recognised(folder: Path, named: Mapping[str, str | Sequence[str]]) -> dict[str, Paths]:
    """The files whose names contain a split; a split that the user names needs none."""
    found: dict[str, list[Path]] = {}
    for file in candidates(folder):
        splits = {WORDS[word] for word in WORD.findall(file.name.lower())}
        if len(splits) > 1:
            what = f"the name contains two splits ({', '.join(sorted(splits))})"
            raise DataError(what, where=str(file), remedy="rename the file, so that its name contains one")
        for split in splits:
            found.setdefault(split, []).append(file)
    needed = set(found) - set(named)
    needed |= {WORDS.get(value, "") for value in named.values() if isinstance(value, str)}
    for split, files in found.items():
        if len(files) > 1 and split in needed and not _are_shards(files):
            names = ", ".join(file.name for file in files)
            remedy = f"choose one with data.{split}={files[0].name}"
            raise DataError(f"two candidates for {split}: {names}", where=str(folder), remedy=remedy)
    return {split: tuple(files) for split, files in found.items()}


def _are_shards(files: Sequence[Path]) -> bool:
    """Whether files are the numbered parts of one, all of them.

    Raises:
        DataError: a part is missing.
    """
    parts = [match.groups() for file in files if (match := _SHARD.fullmatch(file.name))]
    if len(parts) < len(files) or len({(stem, total, end) for stem, _, total, end in parts}) > 1:
        return False
    total = parts[0][2]
    if missing := set(range(int(total))) - {int(number) for _, number, _, _ in parts}:
        what = f"part {min(missing):05d} of {total} is missing"
        raise DataError(what, where=str(files[0]), remedy="fetch it, or name the files with data.train=")
    return len(parts) == int(total)


def _named_files(split: str, value: str | Sequence[str], folder: Path, found: Mapping[str, Paths]) -> Paths:
    """The files that ``data.<split>=<value>`` names."""
    if not isinstance(value, str):
        return tuple(file for name in value for file in _named_files(split, name, folder, found))
    if WORDS.get(value) in found:
        return found[WORDS[value]]
    for place in (folder / value, Path(value)):
        if files := ((place,) if place.is_file() else matching(place)):
            return files
    is_folder = (folder / value).is_dir() or Path(value).is_dir()
    kind = "a folder, not a file" if is_folder else "neither a split nor a file"
    known = ", ".join([*found, *(file.name for file in candidates(folder))]) or "nothing"
    raise DataError(f"'{value}' is {kind}", where=f"data.{split}", remedy=f"found in {folder}: {known}")


def _overlap(some: Paths, others: Paths) -> bool:
    """Whether a file is among both."""
    return bool({file.resolve() for file in some} & {file.resolve() for file in others})


def _nothing(folder: Path) -> DataError:
    """The error of a folder without a split."""
    files = candidates(folder)
    remedy = f"put files there that end in {' '.join(endings())}, plain or compressed ({' '.join(PACKED)})"
    if files:
        names = ", ".join(file.name for file in files[:10]) + (", ..." if len(files) > 10 else "")
        remedy = f"found: {names}; name one with data.train={files[0].name}"
    return DataError("no file here is named train, dev or test", where=str(folder), remedy=remedy)
