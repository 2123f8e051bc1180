"""Folders and files are written under a temporary name and renamed, so that they are complete or absent."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.data import leftovers
from core.data.leftovers import REPLACED, TEMPORARY
from core.errors import DataError, disk_remedy

RECORD = "run.json"  # what makes a folder a run
TRIES = 100  # to replace a folder that other processes replace at the same time


@contextmanager
def temporary_folder(root: Path) -> Iterator[Path]:
    """A new folder in an existing one, to be renamed within the block; otherwise it is removed.

    What killed processes have left in the existing folder is removed first.
    """
    leftovers.remove(root, RECORD)
    with _locked_folder(TEMPORARY[0], root) as folder:
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            with suppress(OSError):  # it has been renamed
                remove_folder(folder)


@contextmanager
def _locked_folder(prefix: str, root: Path) -> Iterator[Path]:
    """A folder with the lock and the number of this process; after the block it is removed if it still exists."""
    descriptor = None
    for _ in range(TRIES):
        folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=root))
        with suppress(BlockingIOError, FileNotFoundError):  # a process that does not see this one has claimed it
            descriptor = leftovers.lock(folder)
            break
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def remove_folder(folder: Path) -> None:
    """Remove a folder so that it is never seen half removed.

    Raises:
        OSError: it cannot be renamed; then it is still whole.
    """
    with _locked_folder(TEMPORARY[1], folder.parent) as old:
        os.replace(folder, old / "removed")


def replace_file(new: Path, path: Path) -> None:
    """Rename a finished file to its final name, which may be that of a file, but of nothing else.

    Raises:
        OSError: it cannot be renamed, or the name is that of a device, a pipe or a folder.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "this is not a file that can be replaced", str(path))
    os.replace(new, path)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A path to write to within the block, which is renamed to the final one at the end of the block.

    Args:
        path: the final path.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with temporary_folder(path.absolute().parent) as folder:
            yield folder / path.name
            replace_file(folder / path.name, path)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise DataError(what, where=str(path), remedy=disk_remedy(error)) from error


def replace_folder(new: Path, target: Path) -> None:
    """Rename a finished folder to its final name, replacing a folder of that name, also while others do so.

    Args:
        new: the finished folder, in the same folder as the target.
        target: its final path.

    Raises:
        OSError: it cannot be renamed; the previous folder is still there.
    """
    for tries_left in range(TRIES, 0, -1):
        with _locked_folder(TEMPORARY[1], target.parent) as old:
            with suppress(FileNotFoundError):  # there is none, or another process has just moved it
                os.replace(target, old / REPLACED)
            try:
                os.replace(new, target)
                return
            except BaseException as error:
                with suppress(OSError):  # restore the previous folder
                    os.replace(old / REPLACED, target)
                taken = isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST)
                if not taken or tries_left == 1:
                    raise
