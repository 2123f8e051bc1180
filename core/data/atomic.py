"""Folders are written under a temporary name and renamed, so that they are complete or absent."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

TEMPORARY = (".making-", ".old-")  # prefixes of a folder that is being written, and of one that is being replaced
TRIES = 100  # to replace a folder that other processes replace at the same time


@contextmanager
def temporary_folder(root: Path) -> Iterator[Path]:
    """A new folder in an existing one, to be renamed within the block; otherwise it is removed."""
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY[0], dir=root))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def interrupt_later() -> Iterator[None]:
    """Delay a Ctrl-C until the block is done, so that trained models are saved; a second Ctrl-C is not delayed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []

    def delay(number: int, frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    previous = signal.signal(signal.SIGINT, delay)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if pressed:
        raise KeyboardInterrupt


def replace_folder(new: Path, target: Path) -> None:
    """Rename a finished folder to its final name, replacing a folder of that name, also while others do so.

    Args:
        new: the finished folder, in the same folder as the target.
        target: its final path.

    Raises:
        OSError: it cannot be renamed; the previous folder is still there.
    """
    for tries_left in range(TRIES, 0, -1):
        old = Path(tempfile.mkdtemp(prefix=TEMPORARY[1], dir=target.parent))
        try:
            with suppress(FileNotFoundError):  # there is none, or another process has just moved it
                os.replace(target, old / "run")
            try:
                os.replace(new, target)
                return
            except BaseException as error:
                with suppress(OSError):  # restore the previous folder
                    os.replace(old / "run", target)
                taken = isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST)
                if not taken or tries_left == 1:
                    raise
        finally:
            shutil.rmtree(old, ignore_errors=True)
