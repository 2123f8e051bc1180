"""Writing word vectors in word2vec's text and binary formats, optionally gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.atomic import replace_file, temporary_folder
from core.errors import DataError
from core.types import Bools, Float32s

ROWS = 10_000  # words written at a time


def write(path: Path, words: Any, vectors: Float32s, binary: bool | None = None) -> None:
    """Write vectors in word2vec's format, a header and one row per word; they read back to the same bits.

    Args:
        path: the file; gzipped if it ends in ``.gz``.
        words: Arrow strings, or a sequence of strings (N,).
        vectors: float32 (N, D).
        binary: 4 bytes per number, else text; None: binary if the name ends in ``.bin`` or ``.bin.gz``.

    Raises:
        DataError: a word is empty or contains white space, or a number is not finite.
    """
    words = pa.array(words, pa.large_string())
    _check(path, words, vectors)
    if binary is None:
        binary = ".bin" in path.suffixes[-2:]
    encode = _binary if binary else _text
    with temporary_folder(path.absolute().parent) as folder:
        new = folder / path.name
        with new.open("wb") as raw, _packed(raw, path) as file:
            file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
            for at in range(0, len(words), ROWS):
                file.writelines(encode(words[at : at + ROWS], vectors[at : at + ROWS]))
        replace_file(new, path)


def _packed(raw: IO[bytes], path: Path) -> IO[bytes]:
    """The file, gzipped if its name ends in ``.gz``; the same content gives the same bytes."""
    return gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else raw  # type: ignore[return-value] # GzipFile writes as a file does


def unwritable(words: Any) -> Bools:
    """Which words the format cannot represent, being empty or with white space: bool (N,)."""
    odd: Bools = pc.match_substring_regex(words, r"^$|[\s\x0b]").to_numpy(zero_copy_only=False)
    return odd


def _check(path: Path, words: Any, vectors: Float32s) -> None:
    odd = unwritable(words)
    bad = np.flatnonzero(odd | ~np.isfinite(vectors).all(1))
    if not len(bad):
        return
    word = words[int(bad[0])].as_py()
    what = "is empty or contains white space" if odd[bad[0]] else "has a number that is not finite"
    raise DataError(f"word {bad[0] + 1:,}, '{word}', {what}", where=str(path), remedy="leave this word out")


def _text(words: Any, vectors: Float32s) -> Iterator[bytes]:
    """Lines, with each number in the fewest digits that identify it."""
    numbers = [pc.cast(pa.array(np.ascontiguousarray(column)), pa.large_string()) for column in vectors.T]
    lines = pc.binary_join_element_wise(words, *numbers, pa.scalar(" ", pa.large_string()))
    yield from (f"{line}\n".encode() for line in lines.to_pylist())


def _binary(words: Any, vectors: Float32s) -> Iterator[bytes]:
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    for word, row in zip(words.to_pylist(), rows, strict=True):
        yield word.encode() + b" " + row.tobytes() + b"\n"
