"""What is known of files is kept within the process, as long as the files are unchanged."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

RECENT = 2.0  # seconds in which a file may change twice without another time stamp

T = TypeVar("T")
State = tuple[int, ...]


class FileCache(Generic[T]):
    """Values that depend on the content of files; the oldest ones are dropped.

    Args:
        size: the most values that are kept.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.known: dict[str, tuple[dict[Path, State], T]] = {}

    def get(self, key: str, compute: Callable[[], tuple[T, Iterable[Path]]]) -> T:
        """The value of a key, computed again if one of its files or folders has changed.

        Args:
            key: names the value.
            compute: the value, and the files and folders that it depends on.
        """
        known = self.known.get(key)
        if known is not None and all(state(path) == before for path, before in known[0].items()):
            return known[1]
        self.known.pop(key, None)
        started = time.time()
        value, paths = compute()
        states = {path: state(path) for path in paths}
        settled = {path: found for path, found in states.items() if found is not None}
        if len(settled) == len(states) and all(_changed(found) < started - RECENT for found in settled.values()):
            while len(self.known) >= self.size:
                self.known.pop(next(iter(self.known)), None)
            self.known[key] = settled, value
        return value


HASHES = FileCache[bytes](1024)  # of the content of files, which every run of a grid asks for


def content_hash(path: Path, algorithm: str) -> bytes:
    """The hash of the content of a file, by an algorithm of ``hashlib``.

    Raises:
        OSError: the file cannot be read.
    """

    def compute() -> tuple[bytes, list[Path]]:
        with path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).digest(), [path]

    return HASHES.get(f"{algorithm} {path.absolute()}", compute)


def state(path: Path) -> State | None:
    """What differs once a file or folder has changed, its times last; None where there is none, or only a pipe."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _changed(found: State) -> float:
    """When a file was changed last, in seconds."""
    return max(found[-2:]) / 1e9
