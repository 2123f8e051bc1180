"""Runs whose saving was killed: the whole copy is taken, and what is left behind goes."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from core.data import leftovers
from core.data.atomic import RECORD, replace_folder
from core.errors import StoreError
from core.runs import checksums, ownership


def recover(root: Path) -> list[str]:
    """Take the whole runs among the temporary folders that killed processes have left, and remove these folders.

    A run that was being replaced comes back unless the one that replaces it is whole. A failure is not an error:
    the folders stay for the next time.

    Args:
        root: the folder of runs.

    Returns:
        The names of the temporary folders.
    """
    with leftovers.claimed(root) as found:
        new = [path for path in found if path.name.startswith(leftovers.TEMPORARY[0])]
        old = [path / leftovers.REPLACED for path in found if path not in new]
        with suppress(OSError):
            for folder in new:
                _adopt(folder, root, replace=True)
            for folder in old:
                _adopt(folder, root, replace=False)
            for path in found:
                shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in found]


def _adopt(folder: Path, root: Path, replace: bool) -> None:
    """Rename a whole run to its id; ``replace``: also where an older run has it."""
    if (run_id := _id_of_whole(folder)) is None:
        return
    target = root / run_id
    if ownership.owner(target) == "none" and not target.exists():
        os.replace(folder, target)
    elif replace and ownership.owner(target) in ("own", "unreadable") and _time(folder) > _time(target):
        ownership.carry_over(target, folder)
        replace_folder(folder, target)


def _id_of_whole(folder: Path) -> str | None:
    """The id of a run whose files and record, which is written after them, are there and unchanged; else None."""
    if ownership.owner(folder) != "own":
        return None
    try:
        data = json.loads((folder / RECORD).read_text("utf-8"))
        checksums.check(folder)
    except (OSError, ValueError, RecursionError, StoreError):
        return None
    run_id = data.get("id")
    return run_id if isinstance(run_id, str) and ownership.ID.fullmatch(run_id) else None


def _time(folder: Path) -> float:
    return (folder / RECORD).stat().st_mtime
