"""Compressed files, known by their ending."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import DataError

PACKED = {".gz": "gzip", ".xz": "xz", ".zst": "zstd"}  # ending -> compression; the format's ending precedes it


def read_bytes(path: Path, size: int, at_once: bool = True) -> Iterator[bytes]:
    """The bytes of a file, uncompressed.

    Args:
        path: the file.
        size: bytes per piece, about.
        at_once: wait until a piece is full.

    Raises:
        DataError: the file is missing or broken.
    """
    packed = PACKED.get(path.suffix.lower(), "")
    openers: dict[str, Any] = {"gzip": gzip.open, "xz": lzma.open, "zstd": _open_zstd}
    try:
        with openers.get(packed, open)(path, "rb") as file:
            while chunk := file.read(size) if at_once else file.read1(size):
                yield chunk
    except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
        what, remedy = (
            f"the file cannot be read ({getattr(error, 'strerror', None) or error})",
            "check the path and its permissions",
        )
        if packed and getattr(error, "errno", None) is None:
            what, remedy = f"the {packed} file is cut short or broken", "fetch it again"
        raise DataError(what, where=str(path), remedy=remedy) from None


def _open_zstd(path: Path, mode: str) -> Any:
    path.stat()  # raises the usual error of a file that cannot be opened
    import pyarrow as pa

    return pa.input_stream(str(path), compression="zstd")
