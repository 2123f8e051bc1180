"""Tables of vectors, stored by content hash, so that a saved run finds words that do not occur in training."""

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
import pyarrow as pa
import pyarrow.compute as pc

from core.data import id_cache
from core.data.atomic import replace_folder, temporary_folder
from core.memory import is_exhausted
from core.types import Float32s, Int64s
from core.unchanged import content_hash

Fallback = Literal["none", "lower", "cases"]

FORMAT = 1
DIGEST = 32  # bytes of a content hash
CASES = {"none": (), "lower": (pc.utf8_lower,), "cases": (pc.utf8_lower, pc.utf8_capitalize, pc.utf8_upper)}


@dataclass(frozen=True, eq=False)
class Table:
    """Words and their vectors.

    Args:
        digest: the content hash of their source.
        words: Arrow large strings (N,); of repeated words the first is used.
        vectors: float32 (N, D), mapped or in memory.
    """

    digest: bytes
    words: Any
    vectors: Float32s

    @cached_property
    def first(self) -> Int64s:
        """The rows of the distinct words, in order: int64 (n,)."""
        return np.flatnonzero(self.find(self.words, "none") == np.arange(len(self.words)))

    def find(self, words: Sequence[str], fallback: Fallback) -> Int64s:
        """The rows of words, -1 for missing words: int64 (n,).

        Args:
            words: the words.
            fallback: the forms that are looked up in turn for a missing word: ``lower``: lower case; ``cases``:
                lower case, Capitalised and CAPITALS.
        """
        sought = pa.array(words, pa.large_string())
        rows = pc.index_in(sought, value_set=self.words)
        for change in CASES[fallback]:
            rows = pc.coalesce(rows, pc.index_in(change(sought), value_set=self.words))
        result: Int64s = rows.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return result


def digest_of(path: Path, limit: int | None, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """The content hash of a file, of the number of words that are read, and of how they are decoded."""
    content = content_hash(path, "sha256")
    usual = (encoding, errors) == ("utf-8", "strict")
    return hashlib.sha256(
        content + f" {FORMAT} {limit}{'' if usual else f' {encoding} {errors}'}".encode()
    ).digest()


def folder() -> Path:
    """Where tables are stored: ``vectors`` in the cache folder."""
    return id_cache.folder() / "vectors"


def store(table: Table) -> None:
    """Store a table, if it is not stored yet.

    Raises:
        OSError: the folder cannot be written.
    """
    if load(table.digest) is not None:
        return
    folder().mkdir(parents=True, exist_ok=True)
    with temporary_folder(folder()) as new:
        words = pa.array(table.words, pa.large_string())
        offsets = np.concatenate([[0], np.cumsum(pc.binary_length(words).to_numpy())]).astype(np.int64)
        text = np.frombuffer("".join(words.to_pylist()).encode(), dtype=np.uint8)
        for name, array in (("vectors", table.vectors), ("offsets", offsets), ("text", text)):
            np.save(new / f"{name}.npy", array, allow_pickle=False)
        replace_folder(new, folder() / table.digest.hex())


def load(digest: bytes) -> Table | None:
    """A stored table by its hash, mapped; None if it is missing or truncated."""
    place = folder() / digest.hex()
    try:
        vectors, offsets, text = (
            np.load(place / f"{name}.npy", mmap_mode="r" if name == "vectors" else None, allow_pickle=False)
            for name in ("vectors", "offsets", "text")
        )
    except (OSError, ValueError, EOFError) as error:
        if is_exhausted(error):
            raise
        return None
    types = (vectors.dtype, offsets.dtype, text.dtype) == (np.float32, np.int64, np.uint8)
    sizes = (vectors.ndim, offsets.ndim, text.ndim) == (2, 1, 1) and len(offsets) == len(vectors) + 1
    if not types or not sizes or offsets[0] != 0 or offsets[-1] != len(text) or (np.diff(offsets) < 0).any():
        return None
    words = pa.LargeStringArray.from_buffers(len(vectors), pa.py_buffer(offsets), pa.py_buffer(text))
    try:
        words.validate(full=True)  # UTF-8, which compiled code relies on
    except pa.ArrowInvalid:
        return None
    return Table(digest, words, vectors)


def store_size(path: Path, size: int) -> None:
    """Store the dimension of the vectors of a file, for when the file does not exist any more.

    Raises:
        OSError: the folder cannot be written.
    """
    place = _size_file(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_suffix(f".{os.getpid()}")
    try:
        new.write_text(json.dumps({"path": str(path.absolute()), "size": size}), encoding="utf-8")
        os.replace(new, place)
    finally:
        new.unlink(missing_ok=True)


def load_size(path: Path) -> int | None:
    """The stored dimension of the vectors of a file, None if there is none."""
    try:
        size = json.loads(_size_file(path).read_text(encoding="utf-8"))["size"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return size if isinstance(size, int) and size > 0 else None


def _size_file(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
    return folder() / "paths" / f"{name}.json"
