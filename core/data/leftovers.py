"""What a killed process leaves behind: its temporary folders, once it is certain that it does not run any more.

A temporary folder is locked by the process that writes it, and its name holds the number of that process.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY = (".making-", ".old-")  # prefixes of a folder that is being written, and of one that is being replaced
REPLACED = "run"  # the folder that is being replaced, within the second
NAME = re.compile(rf"({'|'.join(map(re.escape, TEMPORARY))})(\d{{1,9}})-[a-z0-9_]{{8}}")
RECENT = 60  # seconds in which a folder may be so new that its process has not locked it yet
STALE = 86_400  # seconds after which no process is still writing to a folder that cannot be locked


def lock(folder: Path) -> int | None:
    """Lock a folder for this process, until its end or until the descriptor is closed.

    Returns:
        The descriptor; None where folders cannot be locked.

    Raises:
        BlockingIOError: another process has locked it.
        FileNotFoundError: there is no such folder.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:  # a file system without locks
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def claimed(root: Path) -> Iterator[list[Path]]:
    """The temporary folders in a folder whose processes have ended, locked for this process within the block.

    Those that another process has locked, or whose process runs, are left out, as are links.
    """
    locks, found = [], []
    try:
        for path in _temporary(root):
            with suppress(OSError):  # it is locked, or another process cleans up, too
                if not _can_be_left_behind(path):
                    continue
                locks.append(lock(path))
                if locks[-1] is not None or time.time() - path.stat().st_mtime > STALE:
                    found.append(path)
        yield found
    finally:
        for descriptor in locks:
            if descriptor is not None:
                os.close(descriptor)


def remove(root: Path, holding: str) -> None:
    """Remove the temporary folders in a folder whose processes have ended; failing to do so is not an error.

    Args:
        root: the folder.
        holding: a folder with a file of this name is left: it may be the only copy of a run.
    """
    with claimed(root) as found:
        for path in found:
            if not (path / holding).exists() and not (path / REPLACED / holding).exists():
                shutil.rmtree(path, ignore_errors=True)


def _temporary(root: Path) -> list[Path]:
    """The folders, not links, with the name of a temporary folder."""
    try:
        with os.scandir(root) as entries:
            named = [entry for entry in entries if entry.name[0] == "." and NAME.fullmatch(entry.name)]
            return [Path(entry.path) for entry in named if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _can_be_left_behind(path: Path) -> bool:
    """Whether the process of a folder has ended, or must have locked the folder in the meantime."""
    import psutil

    match = NAME.fullmatch(path.name)
    return time.time() - path.stat().st_mtime > RECENT or not (match and psutil.pid_exists(int(match[2])))
