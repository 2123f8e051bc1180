"""Folders written whole: made beside their place and renamed into it, whatever interrupts."""

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

LEFT = (".making-", ".old-")  # what a folder stands in until it is whole, and what it replaces
TRIES = 100  # to take a place that other processes take at the same time


@contextmanager
def beside(root: Path) -> Iterator[Path]:
    """A new folder to be renamed into its place; if that fails, for whatever reason, nothing of it stays.

    Args:
        root: where it is made, an existing folder.
    """
    made = Path(tempfile.mkdtemp(prefix=LEFT[0], dir=root))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)  # it is gone where it was renamed


@contextmanager
def interrupt_later() -> Iterator[None]:
    """Let a Ctrl-C wait until the block is done, so that what was trained is kept; a second one does not wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []

    def note(number: int, frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def put(made: Path, place: Path) -> None:
    """Put a finished folder in its place; one that stands there is moved out of the way first.

    Another process may do the same at the same time: then it is tried again.

    Args:
        made: the finished folder, in the same folder as its place.
        place: where it belongs.

    Raises:
        OSError: it cannot be renamed; what stood there stays.
    """
    for left in range(TRIES, 0, -1):
        old = Path(tempfile.mkdtemp(prefix=LEFT[1], dir=place.parent))
        try:
            with suppress(FileNotFoundError):  # nothing stands there, or another process has just moved it
                os.replace(place, old / "run")
            try:
                os.replace(made, place)
                return
            except BaseException as error:
                with suppress(OSError):  # put back what stood there
                    os.replace(old / "run", place)
                taken = isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST)
                if not taken or left == 1:
                    raise
        finally:
            shutil.rmtree(old, ignore_errors=True)
