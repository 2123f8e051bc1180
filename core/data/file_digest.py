"""The hash of a file's content, computed once per process while the file stays as it is."""

from __future__ import annotations

import hashlib
import os
import time
from functools import cache
from pathlib import Path

SETTLED = 2.0  # seconds since a file was written, from which on another write has another time


def file_digest(path: Path, algorithm: str = "blake2b") -> bytes:
    """The hash of the content of a file; every run of a grid asks for that of its data.

    Raises:
        OSError: it cannot be read.
    """
    status = os.stat(path)
    if time.time() - status.st_mtime < SETTLED:
        return _read(str(path), algorithm)
    return _known(os.path.abspath(path), algorithm, status.st_mtime_ns, status.st_size, status.st_ino)


@cache
def _known(path: str, algorithm: str, written: int, size: int, inode: int) -> bytes:
    return _read(path, algorithm)


def _read(path: str, algorithm: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).digest()
