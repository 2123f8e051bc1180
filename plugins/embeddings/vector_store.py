"""Tables of outside vectors, kept whole by content hash: a saved run finds words that training never had."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.data import id_cache
from core.data.atomic import replace_folder, temporary_folder

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Fallback = Literal["none", "lower", "cases"]

FORMAT = 1
DIGEST = 32  # bytes of a content hash
CASES = {"none": (), "lower": (pc.utf8_lower,), "cases": (pc.utf8_lower, pc.utf8_capitalize, pc.utf8_upper)}


@dataclass(frozen=True, eq=False)
class Table:
    """Words and their vectors.

    Args:
        digest: the content hash of the file that they came from.
        words: Arrow large strings (N,); of equal ones the first counts.
        vectors: float32 (N, D), mapped or in memory.
    """

    digest: bytes
    words: Any
    vectors: Floats

    @cached_property
    def first(self) -> Ints:
        """The rows whose words did not stand before, in order: int64 (n,)."""
        return np.flatnonzero(self.find(self.words, "none") == np.arange(len(self.words)))

    def find(self, words: Sequence[str], fallback: Fallback) -> Ints:
        """The rows of words, -1 for those that are not there: int64 (n,).

        Args:
            words: the words.
            fallback: the forms that are tried, in turn, for a word that is not there as it stands: ``lower``
                tries lower case, ``cases`` lower case, Capitalised and CAPITALS.
        """
        asked = pa.array(words, pa.large_string())
        rows = pc.index_in(asked, value_set=self.words)
        for change in CASES[fallback]:
            rows = pc.coalesce(rows, pc.index_in(change(asked), value_set=self.words))
        found: Ints = rows.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return found


def digest_of(path: Path, limit: int | None) -> bytes:
    """The content hash of a file, and of how much of it is read."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").digest()
    return hashlib.sha256(content + f" {FORMAT} {limit}".encode()).digest()


def folder() -> Path:
    """Where tables are kept: ``vectors`` in the cache folder."""
    return id_cache.folder() / "vectors"


def keep(table: Table) -> None:
    """Write a table beside its place and rename it; one that is kept already stays.

    Raises:
        OSError: the folder cannot be written.
    """
    if kept(table.digest) is not None:
        return
    folder().mkdir(parents=True, exist_ok=True)
    with temporary_folder(folder()) as made:
        words = pa.array(table.words, pa.large_string())
        offsets = np.concatenate([[0], np.cumsum(pc.binary_length(words).to_numpy())]).astype(np.int64)
        text = np.frombuffer("".join(words.to_pylist()).encode(), dtype=np.uint8)
        for name, array in (("vectors", table.vectors), ("offsets", offsets), ("text", text)):
            np.save(made / f"{name}.npy", array, allow_pickle=False)
        replace_folder(made, folder() / table.digest.hex())


def kept(digest: bytes) -> Table | None:
    """A table by its hash, mapped; None where it is not kept, or was cut short."""
    place = folder() / digest.hex()
    try:
        vectors, offsets, text = (
            np.load(place / f"{name}.npy", mmap_mode="r" if name == "vectors" else None, allow_pickle=False)
            for name in ("vectors", "offsets", "text")
        )
    except (OSError, ValueError, EOFError):
        return None
    if vectors.ndim != 2 or len(offsets) != len(vectors) + 1 or offsets[-1] != len(text):
        return None
    words = pa.LargeStringArray.from_buffers(len(vectors), pa.py_buffer(offsets), pa.py_buffer(text))
    return Table(digest, words, vectors)


def remember(path: Path, size: int) -> None:
    """Note how many numbers a vector of the file at a path has, for when the file is gone.

    Raises:
        OSError: the folder cannot be written.
    """
    note = _note(path)
    note.parent.mkdir(parents=True, exist_ok=True)
    new = note.with_suffix(f".{os.getpid()}")
    try:
        new.write_text(json.dumps({"path": str(path.absolute()), "size": size}), encoding="utf-8")
        os.replace(new, note)
    finally:
        new.unlink(missing_ok=True)


def remembered(path: Path) -> int | None:
    """What ``remember`` noted for a path, None where it noted nothing."""
    try:
        size = json.loads(_note(path).read_text(encoding="utf-8"))["size"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return size if isinstance(size, int) and size > 0 else None


def _note(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
    return folder() / "paths" / f"{name}.json"
