"""Which folders hold runs that this program wrote, and which files in them it did not write."""

from __future__ import annotations

import json
import os
import re
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from core.data.atomic import RECORD
from core.data.regular import read_text
from core.errors import StoreError
from core.runs import checksums
from core.runs.result import FORMAT, PROGRAM

CONFIG, PREDICTIONS = "config.yaml", "predictions.npz"
VOCAB, LABELS = "vocab.json", "labels.json"
LARGEST = 256 << 20  # bytes of a record
ID = re.compile(r"[0-9a-f]{12}")
MARKED = re.compile(rf'\{{\s*"program": "{PROGRAM}",\s*"format": (\d{{1,9}}),\s*"id": "({ID.pattern})"')
UNMARKED = re.compile(rf'\{{\s*"id": "({ID.pattern})",\s*"status": "')  # how records of format 2 began at first
OWN_NAMES = re.compile(
    r"config\.yaml|(run|checksums)\.json(\.\d+)?|(vocab|labels)\.json|model\.safetensors|model/[^/]+\.(npy|npz|bin)"
    r"|predictions\.npz|predictions\.(train|dev|test)(\.[^/]+)?"
)
Owner = Literal["own", "newer", "other", "unreadable", "none"]


def owner(folder: Path) -> Owner:
    """Who wrote a folder.

    Returns:
        ``own``: this program, also if the record is damaged after its beginning; ``newer``: a newer version of it;
        ``other``: something else, or a link; ``unreadable``: the record is damaged from its beginning, or says
        nothing in a folder that looks like a run; ``none``: the folder has no record, or does not exist.
    """
    if folder.is_symlink() or os.path.lexists(folder) and not folder.is_dir():
        return "other"
    record = folder / RECORD
    if not os.path.lexists(record):
        return "none"
    try:
        text = read_text(record, LARGEST)
    except OSError:
        return "other"
    except UnicodeDecodeError:
        return "unreadable"
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _owner_of_start(text, folder.name)
    found = _owner_of(data)
    return "unreadable" if found == "other" and ID.fullmatch(folder.name) and (folder / CONFIG).exists() else found


def _owner_of(data: Any) -> Owner:
    """Who wrote a record: one of this program names it, or the version of it that trained."""
    environment = data.get("environment") if isinstance(data, dict) else None
    version = environment.get(PROGRAM) if isinstance(environment, dict) else None
    if not isinstance(data, dict) or data.get("program") != PROGRAM and not isinstance(version, str):
        return "other"
    form = data.get("format")
    is_newer = isinstance(form, int) and form > FORMAT or _release(version) > _release(_own_version())
    return "newer" if is_newer else "own"


def _owner_of_start(text: str, name: str) -> Owner:
    """Who wrote a record that is cut short."""
    if match := MARKED.match(text):
        return "newer" if int(match[1]) > FORMAT else "own" if match[2] == name else "other"
    if match := UNMARKED.match(text):
        return "own" if match[1] == name else "other"
    return "unreadable"


def _own_version() -> str:
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:  # not installed; no version is newer
        return "999999999"


def _release(version: object) -> tuple[int, ...]:
    """The numbers at the start of a version, ``0.10.2+1a2b`` -> (0, 10, 2)."""
    match = re.match(r"\d{1,9}(\.\d{1,9})*", str(version))
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def check_replaceable(folder: Path) -> None:
    """Refuse, before training, a folder that a run may not replace.

    Raises:
        StoreError: a newer version or another program has written it.
    """
    remedy = "choose another folder with runs=FOLDER"
    match owner(folder):
        case "newer":
            what = f"a newer version of {PROGRAM} has saved this run, which is not replaced"
            raise StoreError(what, where=str(folder), remedy=f"update {PROGRAM}, or {remedy}", code="store.newer")
        case "other" if not folder.is_symlink():
            what = f"{PROGRAM} has not written this, so it is not replaced"
            raise StoreError(what, where=str(folder), remedy=remedy, code="store.other")


def foreign_files(folder: Path) -> list[str]:
    """The files in a run folder that no version of this program wrote, such as somebody's notes.

    Returns:
        Their paths within the folder, sorted; of a link to a folder the link itself.
    """
    try:
        known = set(checksums.read(folder))
    except (OSError, ValueError, TypeError, RecursionError):
        known = set()
    found = []
    for top, folders, files in os.walk(folder):
        links = [name for name in folders if Path(top, name).is_symlink()]
        for name in [*files, *links]:
            path = Path(top, name).relative_to(folder).as_posix()
            if path not in known and not OWN_NAMES.fullmatch(path):
                found.append(path)
    return sorted(found)


def carry_over(old: Path, new: Path) -> None:
    """Copy the files that this program did not write from a run to the one that replaces it.

    Raises:
        OSError: a file cannot be copied.
    """
    for name in foreign_files(old) if old.is_dir() else ():
        if not os.path.lexists(new / name):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(old / name, new / name, follow_symlinks=False)
