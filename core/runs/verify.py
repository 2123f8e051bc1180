"""Whether saved runs are as they were saved: every byte of every file is compared with the checksums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.data.regular import check_tree, read_text
from core.errors import StoreError
from core.runs import checksums, index, ownership, store

CHANGED = "the file has changed since the run was saved"
ADDED = "the file was not saved with the run"
GONE = "the file is missing"


class Verified(NamedTuple):
    """What was found in the folder of a run."""

    folder: Path
    files: int  # compared
    bytes: int  # of them
    problems: list[str]  # `FILE: what is wrong with it`; empty: the run is as it was saved
    notes: list[str]  # what could not be compared, in runs of an earlier version


def verify(folder: Path) -> Verified:
    """Compare all files of a run, its record and predictions included, with their checksums."""
    found = Verified(folder, 0, 0, [], [])
    try:
        files = [path.as_posix() for path in check_tree(folder) if path.as_posix() != checksums.FILE]
        record = store.read(folder)
        expected = checksums.read(folder)
    except StoreError as error:
        return found._replace(problems=[f"{Path(error.where).name}: {error.what}"])
    except FileNotFoundError:
        if record.config.get("save") == "none":
            return found._replace(notes=["saved with save=none: there are no checksums"])
        return found._replace(problems=[f"{checksums.FILE}: {GONE}, so nothing can be compared"])
    except (OSError, ValueError, TypeError, RecursionError) as error:
        name = Path(getattr(error, "filename", None) or checksums.FILE).name
        return found._replace(problems=[f"{name}: {getattr(error, 'strerror', None) or error}"])
    return _compared(found, files, expected)


def _compared(found: Verified, files: Sequence[str], expected: Mapping[str, str]) -> Verified:
    """Compare the files of a folder with their checksums."""
    folder = found.folder
    is_earlier = store.RECORD not in expected
    if is_earlier:
        found.notes.append("saved by an earlier version: only the files of the model have checksums")
    for name, checksum in expected.items():
        if checksum.startswith(checksums.SAMPLED) and checksums.FULL not in checksum:
            found.notes.append(f"{name}: only pieces of it have a checksum")
        if problem := _problem(folder / name, checksum):
            found.problems.append(f"{name}: {problem}")
    found.problems.extend(f"{name}: {ADDED}" for name in files if name not in expected and not is_earlier)
    compared = [folder / name for name in files if name in expected]
    return found._replace(files=len(compared), bytes=sum(path.stat().st_size for path in compared))


def _problem(path: Path, expected: str) -> str:
    """What is wrong with a file; empty if nothing is."""
    try:
        return "" if checksums.is_same(path, expected, sampled=False) else CHANGED
    except FileNotFoundError:
        return GONE
    except OSError as error:
        return error.strerror or str(error)


def stale_rows(root: Path) -> list[str]:
    """The folders whose record in the index is not that of ``run.json``: another program has changed the index."""
    try:
        known = index.read(root, index.stamps(root))
    except StoreError:  # of another program: no command reads it
        return []
    found = []
    for name, text in known.items():
        with suppress(OSError, ValueError):  # said of the run itself
            if text != read_text(root / name / store.RECORD, ownership.LARGEST):
                found.append(name)
    return sorted(found)


def folders(root: Path) -> list[Path]:
    """The folders of all runs, those without a record too, sorted by name."""
    found = [path.parent for name in (store.RECORD, checksums.FILE) for path in root.glob(f"[!.]*/{name}")]
    return sorted(set(found))
