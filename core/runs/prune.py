"""Removing the runs that did not finish and their checkpoints, and nothing that this program did not write."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from core.data import leftovers
from core.data.atomic import RECORD, remove_folder
from core.errors import StoreError
from core.runs import ownership, recovery, store, unfinished

REASONS: dict[ownership.Owner, str] = {
    "newer": "a newer version wrote it",
    "other": f"its {RECORD} is not of this program, or it is a link",
    "unreadable": f"its {RECORD} does not show that this program wrote it",
}


@dataclass
class Pruned:
    """What was removed, or would be, and what stays though it is not a finished run, with the reason."""

    removed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


def prune(root: Path, dry_run: bool = False) -> Pruned:
    """Remove the runs in a folder that did not finish or whose record is damaged, checkpoints, and what was left.

    Only folders with this program's own mark are removed, and none with files of others.

    Args:
        root: the folder of runs.
        dry_run: remove nothing.
    """
    result = Pruned()
    if not root.is_dir():
        return result
    if dry_run:
        with leftovers.claimed(root) as found:
            result.removed += [path.name for path in found]
    else:
        result.removed += recovery.recover(root)
    runs = sorted(path.parent for path in root.glob(f"[!.]*/{RECORD}"))
    reasons = {folder: _reason_to_keep(folder) for folder in runs}
    reasons |= {folder: unfinished.reason_to_keep(folder) for folder in unfinished.folders(root)}
    for folder, reason in reasons.items():
        if reason is None and not dry_run:
            try:
                remove_folder(folder)
            except OSError as error:
                reason = f"it cannot be removed: {error.strerror}"
        if reason is None:
            result.removed.append(folder.name)
        elif reason:
            result.kept[folder.name] = reason
    return result


def _reason_to_keep(folder: Path) -> str | None:
    """Why a folder stays, empty for a finished run; None if it is to be removed."""
    if reason := REASONS.get(ownership.owner(folder), ""):
        return reason
    if _is_finished(folder):
        return ""
    if not ownership.ID.fullmatch(folder.name):
        return "somebody has renamed it"
    if foreign := ownership.foreign_files(folder):
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        return f"it holds files that this program did not write: {foreign[0]}{more}"
    return None if os.access(folder, os.W_OK) else "it cannot be written"


def _is_finished(folder: Path) -> bool:
    try:
        return store.read(folder).status == "finished"
    except StoreError:
        return False
