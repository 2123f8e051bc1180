"""Checksums of the files of a run.

Those of the model are checked whenever it is loaded, before compiled code reads its arrays. A file of more than
``LARGE`` bytes is memory-mapped then, so only its size and ``PIECES`` pieces of it are compared. That detects a
file that was truncated or replaced, but not every changed byte; ``core.runs.verify`` compares all bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

from core.data.regular import check_tree, open_regular, read_text
from core.errors import StoreError

FILE = "checksums.json"
LIMIT = 16 << 20  # bytes of this file
LARGE = 16 << 20
PIECES, PIECE = 64, 1 << 14  # pieces of a large file, bytes per piece
SAMPLED, FULL = "sampled ", " full "  # a large file has `sampled SUM full SUM`; in older runs only the first


def write(folder: Path) -> None:
    """Write the checksums of all files in the folder of a run."""
    names = [path.as_posix() for path in check_tree(folder) if path.as_posix() != FILE]
    _save(folder, {name: _both(folder / name) for name in names})


def update(folder: Path, name: str) -> None:
    """Renew the checksum of a file that has been written again; a folder without checksums stays without."""
    if (folder / FILE).exists():
        _save(folder, read(folder) | {name: _both(folder / name)})


def read(folder: Path) -> dict[str, str]:
    """The checksum of each file.

    Raises:
        OSError, ValueError, TypeError, RecursionError: the file is missing or broken, or names files elsewhere.
    """
    saved = json.loads(read_text(folder / FILE, LIMIT))
    if not isinstance(saved, dict) or not saved:
        raise ValueError("there is no checksum in it")
    if outside := [name for name in saved if Path(name).is_absolute() or ".." in Path(name).parts]:
        raise ValueError(f"{outside[0]} is not in the folder of the run")
    return {str(name): str(checksum) for name, checksum in saved.items()}


def check(folder: Path, but: Sequence[str] = ()) -> None:
    """Compare the files of the model with their checksums; a folder without checksums is not checked.

    Args:
        folder: of the run.
        but: the starts of the names of files that are not part of the model.

    Raises:
        StoreError: a file is missing or has changed, or is not a plain file, or the checksums cannot be read.
    """
    path = folder / FILE
    try:
        check_tree(folder)
        for name, expected in read(folder).items() if os.path.lexists(path) else ():
            path = folder / name
            if not name.startswith(tuple(but)) and not is_same(path, expected, sampled=True):
                what = "the file has changed since the run was saved"
                raise StoreError(what, where=str(path), remedy="train it again")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        where = getattr(error, "filename", None) or path
        raise StoreError(what, where=str(where), remedy="train it again") from error


def is_same(path: Path, expected: str, sampled: bool) -> bool:
    """Whether a file has the content that its checksum is of.

    Args:
        path: the file.
        expected: its entry in the checksums.
        sampled: whether pieces are enough where the entry has a checksum of pieces.

    Raises:
        OSError: the file is missing, or not a plain file.
    """
    pieces, _, full = expected.partition(FULL)
    if pieces.startswith(SAMPLED) and (sampled or not full):
        return _checksum(path, True) == pieces
    return _checksum(path, False) == (full or expected)


def _both(path: Path) -> str:
    """The entry of a file."""
    full = _checksum(path, False)
    return f"{_checksum(path, True)}{FULL}{full}" if path.stat().st_size > LARGE else full


def _save(folder: Path, checksums: dict[str, str]) -> None:
    new = folder / f"{FILE}.{os.getpid()}"
    try:
        new.write_text(json.dumps(checksums, indent=1), "utf-8")
        os.replace(new, folder / FILE)
    finally:
        new.unlink(missing_ok=True)


def _checksum(path: Path, sampled: bool) -> str:
    """The checksum of the content of a file, or of its size and of pieces from its first to its last byte."""
    with open_regular(path) as file:
        if sampled:
            return SAMPLED + _of_pieces(file)
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _of_pieces(file: BufferedReader) -> str:
    size = os.fstat(file.fileno()).st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    for i in range(PIECES):
        file.seek(max(0, size - PIECE) * i // (PIECES - 1))
        digest.update(file.read(PIECE))
    return digest.hexdigest()
