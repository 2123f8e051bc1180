"""Files that may be compressed, known by their first bytes and unpacked piece by piece."""

from __future__ import annotations

import gzip
import lzma
import zlib
from pathlib import Path
from typing import IO, Any

MARKS = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}  # the first bytes of a file
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


def open_packed(path: Path, packed: str) -> IO[bytes]:
    """The open file, unpacked as it is read.

    Args:
        path: the file.
        packed: what ``packing`` says.

    Raises:
        OSError: the file cannot be read.
    """
    if packed == "zstd":
        import pyarrow as pa

        stream: IO[bytes] = pa.input_stream(str(path), compression=packed)
        return stream
    openers: dict[str, Any] = {"gzip": gzip.open, "xz": lzma.open}
    opened: IO[bytes] = openers[packed](path) if packed else path.open("rb")
    return opened
