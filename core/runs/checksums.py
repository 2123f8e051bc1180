"""Checksums of a model's files: a damaged model is an error before compiled code reads its arrays.

A file of more than ``LARGE`` bytes is memory-mapped when it is loaded, not read, so its checksum covers only its
size and ``PIECES`` pieces spread over it. That detects a file that was truncated, replaced or overwritten, but not
a single byte that changed between two pieces.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from core.errors import StoreError

FILE = "checksums.json"
LARGE = 16 << 20
PIECES, PIECE = 64, 1 << 14  # pieces of a large file that are read, bytes per piece
SAMPLED = "sampled "


def write(folder: Path) -> None:
    """Write the checksums of all files in a folder.

    Args:
        folder: the folder of a model.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    checksums = {
        path.relative_to(folder).as_posix(): _sampled(path) if path.stat().st_size > LARGE else _whole(path)
        for path in paths
    }
    (folder / FILE).write_text(json.dumps(checksums, indent=1), "utf-8")


def check(folder: Path) -> None:
    """Compare the files with the checksums that ``write`` has written; a folder without them is not checked.

    Raises:
        StoreError: a file is missing or has changed, or the checksums cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return
    try:
        for name, expected in dict(json.loads(path.read_text("utf-8"))).items():
            path = folder / name
            actual = _sampled(path) if str(expected).startswith(SAMPLED) else _whole(path)
            if actual != expected:
                what = "the file has changed since the run was saved"
                raise StoreError(what, where=str(path), remedy="train it again")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy="train it again") from error


def _whole(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _sampled(path: Path) -> str:
    """The checksum of a file's size, its first and last bytes and pieces between."""
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        for i in range(PIECES):
            file.seek(max(0, size - PIECE) * i // (PIECES - 1))
            digest.update(file.read(PIECE))
    return SAMPLED + digest.hexdigest()
