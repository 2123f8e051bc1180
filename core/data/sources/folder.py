"""Which file of a folder is which split."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from core.data.sources.contract import SPLITS
from core.errors import DataError

ENDINGS = (".conllu", ".conll", ".tsv", ".csv", ".txt", ".text")
WORDS = {"train": "train", "dev": "dev", "valid": "dev", "validation": "dev", "val": "dev", "test": "test"}
_WORD = re.compile(r"(?<![a-z])(train|dev|validation|valid|val|test)(?![a-z])")


def ending(path: Path) -> str:
    """The ending that tells the format, without ``.gz``."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def find_splits(path: Path, named: Mapping[str, str]) -> tuple[dict[str, Path], list[str]]:
    """The file of each split.

    Args:
        path: a folder, or a file, which is ``train``.
        named: split -> another split's name, a file in the folder, or a path.

    Returns:
        Split -> file in the order of ``SPLITS``, and what the user should be told.

    Raises:
        DataError: nothing is found, or two files for one split.
    """
    if not path.exists():
        raise DataError("there is no such file or folder", where=str(path), remedy="check the path after data=")
    folder = path if path.is_dir() else path.parent
    found = _recognised(path, named) if path.is_dir() else {"train": path}
    chosen = {split: _by_hand(split, value, folder, found) for split, value in named.items()}
    notes = []
    for split in [split for split in found if split not in chosen]:
        user = next((s for s, file in chosen.items() if _same(file, found[split])), None)
        if user is None:
            chosen[split] = found[split]
        else:
            notes.append(f"{found[split].name} is read as {user} (data.{user}), so it is not offered as {split}")
    if not chosen:
        raise _nothing(path)
    return {split: chosen[split] for split in SPLITS if split in chosen}, notes


def candidates(folder: Path) -> list[Path]:
    """The files of a folder that may hold data, by name."""
    try:
        return sorted(file for file in folder.iterdir() if ending(file) in ENDINGS and file.is_file())
    except OSError as error:
        raise DataError(
            f"the folder cannot be read ({error})", where=str(folder), remedy="check its permissions"
        ) from None


def _recognised(folder: Path, named: Mapping[str, str]) -> dict[str, Path]:
    """The files whose names say a split; a split that is named by another file's name needs none."""
    found: dict[str, list[Path]] = {}
    for file in candidates(folder):
        splits = {WORDS[word] for word in _WORD.findall(file.name.lower())}
        if len(splits) > 1:
            remedy = "rename the file, so that its name says one"
            raise DataError(
                f"the name says two splits ({', '.join(sorted(splits))})", where=str(file), remedy=remedy
            )
        for split in splits:
            found.setdefault(split, []).append(file)
    needed = (set(found) - set(named)) | {WORDS.get(value, "") for value in named.values()}
    for split, files in found.items():
        if len(files) > 1 and split in needed:
            names = ", ".join(file.name for file in files)
            remedy = f"say which with data.{split}={files[0].name}"
            raise DataError(f"two candidates for {split}: {names}", where=str(folder), remedy=remedy)
    return {split: files[0] for split, files in found.items()}


def _by_hand(split: str, value: str, folder: Path, found: Mapping[str, Path]) -> Path:
    """The file that ``data.<split>=<value>`` names."""
    if WORDS.get(value) in found:
        return found[WORDS[value]]
    for file in (folder / value, Path(value)):
        if file.is_file():
            return file
    kind = "a folder, not a file" if (folder / value).is_dir() or Path(value).is_dir() else "no split and no file"
    known = ", ".join([*found, *(file.name for file in candidates(folder))]) or "nothing"
    raise DataError(f"'{value}' is {kind}", where=f"data.{split}", remedy=f"found in {folder}: {known}")


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one file."""
    return one.resolve() == other.resolve()


def _nothing(folder: Path) -> DataError:
    """The error of a folder without a split."""
    files = candidates(folder)
    if files:
        names = ", ".join(file.name for file in files[:10]) + (", ..." if len(files) > 10 else "")
        remedy = f"found: {names}; name one with data.train={files[0].name}"
    else:
        remedy = f"put files there that end in {' '.join(ENDINGS)}, plain or .gz"
    return DataError("no file here is named train, dev or test", where=str(folder), remedy=remedy)
