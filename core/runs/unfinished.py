"""The runs of a folder that have checkpoints because they are not finished: listed, and checked before removal."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data import leftovers
from core.runs import checkpoint_file, ownership
from core.runs.checkpoints import NAME, UNFINISHED, generations

FOLDER = re.compile(rf"({ownership.ID.pattern}){re.escape(UNFINISHED)}")
OWN_FILES = re.compile(
    rf"{NAME.pattern}/({re.escape(checkpoint_file.STATE)}|{re.escape(checkpoint_file.TENSORS)})"
)


@dataclass(frozen=True)
class Unfinished:
    """A run that is not finished, as its newest checkpoint says.

    Args:
        id: of the run.
        header: of the newest checkpoint that can be read; empty if there is none.
        runs: whether a process trains it now.
    """

    id: str
    header: dict[str, Any]
    runs: bool


def folders(root: Path) -> list[Path]:
    """The folders of checkpoints in a folder of runs, sorted."""
    found = [path for path in root.glob(f"*{UNFINISHED}") if FOLDER.fullmatch(path.name)]
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def unfinished_runs(root: Path) -> list[Unfinished]:
    """The unfinished runs of a folder, by id."""
    return [
        Unfinished(folder.name.removesuffix(UNFINISHED), _header(folder), _is_locked(folder))
        for folder in folders(root)
    ]


def reason_to_keep(folder: Path) -> str | None:
    """Why a folder of checkpoints is not removed; None if it is."""
    if foreign := _foreign_file(folder):
        return f"it holds files that this program did not write: {foreign}"
    if _is_locked(folder):
        return "a process trains it now"
    return None if os.access(folder, os.W_OK) else "it cannot be written"


def _header(folder: Path) -> dict[str, Any]:
    """The header of the newest checkpoint that can be read."""
    for number, part in sorted(generations(folder), reverse=True):
        try:
            header = checkpoint_file.read_header(folder / f"{number}.{part}")
        except checkpoint_file.Damaged:
            continue
        if all(isinstance(header.get(name), dict) for name in ("about", "place")) and "time" in header:
            return header
    return {}


def _is_locked(folder: Path) -> bool:
    """Whether another process has locked a folder."""
    try:
        descriptor = leftovers.lock(folder)
    except BlockingIOError:
        return True
    except OSError:
        return False
    if descriptor is not None:
        os.close(descriptor)
    return False


def _foreign_file(folder: Path) -> str:
    """A file in a folder of checkpoints that no checkpoint has, empty if there is none."""
    for top, inner, files in os.walk(folder):
        inner[:] = [name for name in inner if not leftovers.NAME.fullmatch(name)]  # a checkpoint half written
        links = [name for name in inner if Path(top, name).is_symlink()]
        for name in sorted([*files, *links]):
            path = Path(top, name).relative_to(folder).as_posix()
            if not OWN_FILES.fullmatch(path):
                return path
    return ""
