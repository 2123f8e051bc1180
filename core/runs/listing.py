"""Records of saved runs: one is read, and those of a folder are listed by its index."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from core.data.atomic import RECORD
from core.data.regular import read_text
from core.errors import StoreError
from core.runs import index, ownership, recovery
from core.runs.result import FORMAT, Result

INDEX = index.FILE


def read(folder: Path) -> Result:
    """The record of a run folder.

    Raises:
        StoreError: there is no record, or it cannot be read.
    """
    return _read(folder)[0]


def _read(folder: Path, known: str | None = None) -> tuple[Result, str]:
    """The record of a run folder and its text, which is that of the file unless it is known."""
    path = folder / RECORD
    try:
        text = read_text(path, ownership.LARGEST) if known is None else known
        data = json.loads(text)
        if data["format"] > FORMAT:
            what = f"format {data['format']} of the record is newer than {FORMAT}, which this version reads"
            raise StoreError(what, where=str(path), remedy="update seqlab")
        return Result.from_json(data, str(folder)), text
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoreError("no run is saved here", where=str(folder), remedy="see `seqlab runs`") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        if known is not None:  # the index is damaged
            return _read(folder)
        remedy = "remove the folder (see `seqlab runs prune`) and run again"
        what = f"the record cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy=remedy) from error


def all_runs(root: Path) -> tuple[list[Result], list[StoreError]]:
    """All runs in a folder, oldest first, and the errors of those that cannot be read, or of the index.

    Records that have not changed come from the index, which is brought up to date.
    """
    recovery.recover(root)
    current = index.stamps(root)
    try:
        known = index.read(root, current)
    except StoreError as error:
        results, broken, _ = _read_all(root, current, {})
        return results, [error, *broken]
    results, broken, new = _read_all(root, current, known)
    index.write(root, new, {name: current[name] for name in current if name in known or name in new})
    return results, broken


def update_index(root: Path) -> None:
    """Bring the index of a folder, if it has one, up to date after runs are saved, for those who read it."""
    if (root / INDEX).exists():
        all_runs(root)


def rebuild_index(root: Path) -> tuple[list[Result], list[StoreError]]:
    """Rebuild the index of a folder from all records; returns the runs, and the errors of broken ones.

    Raises:
        StoreError: there is no such folder, the index is of a newer version or of another program, or it cannot be
            written.
    """
    if not root.is_dir():
        raise StoreError("there is no such folder", where=str(root), remedy="name a folder of runs: runs=FOLDER")
    recovery.recover(root)
    current = index.stamps(root)
    results, broken, new = _read_all(root, current, {})
    index.rebuild(root, new, current)
    return results, broken


def _read_all(
    root: Path, current: index.Stamps, known: Mapping[str, str]
) -> tuple[list[Result], list[StoreError], dict[str, tuple[Result, str]]]:
    """The runs in a folder, oldest first, the errors of the broken ones, and what is not known, by folder."""
    results, broken, new = [], [], {}
    for name in sorted(current, key=lambda name: current[name].saved):
        try:
            result, text = _read(root / name, known.get(name))
        except StoreError as error:
            broken.append(error)
            continue
        results.append(result)
        if name not in known:
            new[name] = result, text
    return results, broken, new
