"""Checksums of the files of a model, checked before compiled code reads its arrays.

A file of more than ``LARGE`` bytes is memory-mapped when it is loaded, so its checksum covers only its size and
``PIECES`` pieces of it. That detects a file that was truncated or replaced, but not every changed byte.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from core.errors import StoreError

FILE = "checksums.json"
LARGE = 16 << 20
PIECES, PIECE = 64, 1 << 14  # pieces of a large file, bytes per piece
SAMPLED = "sampled "


def write(folder: Path) -> None:
    """Write the checksums of all files in the folder of a model."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    checksums = {
        path.relative_to(folder).as_posix(): _checksum(path, path.stat().st_size > LARGE) for path in paths
    }
    (folder / FILE).write_text(json.dumps(checksums, indent=1), "utf-8")


def check(folder: Path) -> None:
    """Compare the files with their checksums; a folder without checksums is not checked.

    Raises:
        StoreError: a file is missing or has changed, or the checksums cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return
    try:
        for name, expected in dict(json.loads(path.read_text("utf-8"))).items():
            path = folder / name
            if _checksum(path, str(expected).startswith(SAMPLED)) != expected:
                what = "the file has changed since the run was saved"
                raise StoreError(what, where=str(path), remedy="train it again")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy="train it again") from error


def _checksum(path: Path, sampled: bool) -> str:
    """The checksum of the content of a file, or of its size and of pieces from its first to its last byte."""
    with path.open("rb") as file:
        if not sampled:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        size = path.stat().st_size
        digest = hashlib.blake2b(str(size).encode(), digest_size=16)
        for i in range(PIECES):
            file.seek(max(0, size - PIECE) * i // (PIECES - 1))
            digest.update(file.read(PIECE))
    return SAMPLED + digest.hexdigest()
