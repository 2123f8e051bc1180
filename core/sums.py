"""Checksums of a model's files: a model that was damaged is told, before compiled code runs over its arrays."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from core.errors import StoreError

FILE = "sums.json"


def write(folder: Path) -> None:
    """Note the checksum of every file that a folder holds now.

    Args:
        folder: the folder, with a model in it.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = {path.relative_to(folder).as_posix(): _sum(path) for path in paths}
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
            if _sum(path) != noted:
                raise StoreError(
                    "the file has changed since the run was kept", where=str(path), remedy="train it again"
                )
    except (OSError, ValueError, TypeError, RecursionError) as error:
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy="train it again") from error


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
