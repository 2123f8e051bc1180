"""Checksums of a model's files: a model that was damaged is told, before compiled code runs over its arrays.

A file of more than ``LARGE`` bytes is mapped when it is loaded, not read, so that it is ready at once; its
checksum is of its size and of ``PIECES`` pieces all over it. It tells a file that was cut short, replaced or
written over, and not a single byte that changed between two pieces.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from core.errors import StoreError

FILE = "sums.json"
LARGE = 16 << 20
PIECES, PIECE = 64, 1 << 14  # how many pieces of a large file are looked at, and their bytes
SAMPLED = "sampled "


def write(folder: Path) -> None:
    """Note the checksum of every file that a folder holds now.

    Args:
        folder: the folder, with a model in it.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = {
        path.relative_to(folder).as_posix(): _sampled(path) if path.stat().st_size > LARGE else _whole(path)
        for path in paths
    }
    (folder / FILE).write_text(json.dumps(sums, indent=1), "utf-8")


def check(folder: Path) -> None:
    """Compare the files with what ``write`` noted; a folder without such a note is not checked.

    Raises:
        StoreError: a file is missing or has changed, or the note cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return
    try:
        for name, noted in dict(json.loads(path.read_text("utf-8"))).items():
            path = folder / name
            found = _sampled(path) if str(noted).startswith(SAMPLED) else _whole(path)
            if found != noted:
                raise StoreError(
                    "the file has changed since the run was kept", where=str(path), remedy="train it again"
                )
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
