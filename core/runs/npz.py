"""Reading the arrays of an ``.npz`` file whose members may claim any size."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import IO, Any
from zipfile import ZipFile

import numpy as np

from core.data.packed import ALWAYS, RATIO
from core.types import Arrays

MOST_BYTES = 1024  # of one value
HEADERS: dict[tuple[int, int], Callable[..., Any]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_arrays(file: IO[bytes], prefix: str, rows: int | None, columns: int) -> Arrays:
    """The arrays whose names have a prefix, named without it; a larger array is refused before it is unpacked.

    Args:
        file: the open file.
        prefix: of the names.
        rows: the largest number of entries of an array, None if it is not known.
        columns: the largest number of values per entry.

    Raises:
        ValueError: an array is larger, has objects, or is cut short.
        BadZipFile, zlib.error, EOFError, RuntimeError: the file is damaged.
    """
    arrays: Arrays = {}
    limit = max(ALWAYS, RATIO * os.fstat(file.fileno()).st_size)
    with ZipFile(file) as archive:
        for member in archive.namelist():
            if member.startswith(prefix) and member.endswith(".npy"):
                with archive.open(member) as stream:
                    name = member.removesuffix(".npy").removeprefix(prefix)
                    arrays[name] = _read(stream, name, (rows, columns), limit)
    return arrays


def _read(stream: IO[bytes], name: str, most: tuple[int | None, int], limit: int) -> Any:
    """One array with at most so many entries and values per entry, and bytes."""
    version = np.lib.format.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(f"{name} has a header of version {version}")
    shape, by_column, dtype = HEADERS[version](stream)
    if dtype.hasobject or dtype.itemsize > MOST_BYTES:
        raise ValueError(f"{name} has values of type {dtype}")
    rows, columns = most
    if not shape or (rows is not None and (shape[0] > rows or math.prod(shape[1:]) > columns)):
        sizes = " x ".join(f"{n:,}" for n in shape) or "no"
        raise ValueError(f"{name} has {sizes} entries, more than the events of the run allow")
    size: int = math.prod(shape) * dtype.itemsize
    if size > limit:
        raise ValueError(f"{name} unpacks to {size:,} bytes, more than {RATIO} times the size of the file")
    data = stream.read(size)
    if len(data) != size or stream.read(1):  # at its end the member's checksum is compared
        raise ValueError(f"{name} is shorter or longer than its header says")
    array = np.frombuffer(bytearray(data), dtype=dtype)
    return array.reshape(shape, order="F" if by_column else "C")
