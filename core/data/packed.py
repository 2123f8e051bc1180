"""Files that may be compressed, known by their first bytes and unpacked piece by piece."""

from __future__ import annotations

import gzip
import lzma
import zlib
from pathlib import Path
from typing import Any, Self

from core.errors import DataError

MARKS = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}  # the first bytes of a file
ALWAYS = 256 << 20  # bytes that a compressed file may have
RATIO = 100  # of the bytes of a larger one to its compressed size: numbers and n-grams compress far less
BROKEN = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
)  # what reading a damaged file raises, and OSError


def packing(path: Path) -> str:
    """How a file is compressed: ``gzip``, ``xz``, ``zstd``, or empty for not at all.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        first = file.read(max(map(len, MARKS)))
    return next((name for mark, name in MARKS.items() if first.startswith(mark)), "")


def open_packed(path: Path, packed: str) -> Stream:
    """The open file, unpacked as it is read.

    Args:
        path: the file.
        packed: what ``packing`` says.

    Raises:
        OSError: the file cannot be read.
    """
    if packed == "zstd":
        import pyarrow as pa

        return Stream(pa.input_stream(str(path), compression=packed), path, packed)
    openers: dict[str, Any] = {"gzip": gzip.open, "xz": lzma.open}
    return Stream(openers[packed](path) if packed else path.open("rb"), path, packed)


class Stream:
    """The bytes of a file; a small compressed file that would fill the memory is an error.

    Args:
        file: the open file.
        path: its path.
        packed: how it is compressed; empty for not at all.
    """

    def __init__(self, file: Any, path: Path, packed: str) -> None:
        self.file, self.path, self.packed, self.size = file, path, packed, 0
        self.limit = max(ALWAYS, RATIO * path.stat().st_size)

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; none at the end.

        Raises:
            DataError: the compressed file is much larger than files of this kind can be.
            OSError, EOFError, zlib.error, lzma.LZMAError: the file is damaged.
        """
        data: bytes = self.file.read(size)
        self.size += len(data)
        if self.packed and self.size > self.limit:
            what = f"the {self.packed} file unpacks to more than {RATIO} times its size"
            remedy = "check where it comes from; a file that is right can be unpacked first"
            raise DataError(what, where=str(self.path), remedy=remedy)
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
