"""Arrow arrays from and to Python and NumPy by their buffers: Arrow's own conversions import pandas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.types import Array

if TYPE_CHECKING:
    import pyarrow as pa


def to_numpy(array: pa.Array) -> Array:
    """An Arrow array of integers or booleans, without nulls: (N,) of the same type."""
    import pyarrow as pa

    first, last, data = array.offset, array.offset + len(array), array.buffers()[1]
    if not len(array):
        return np.zeros(0, dtype=bool if pa.types.is_boolean(array.type) else str(array.type))
    if pa.types.is_boolean(array.type):
        bits = np.unpackbits(np.frombuffer(data, np.uint8), count=last, bitorder="little")
        return bits[first:].view(bool)
    return np.frombuffer(data, str(array.type), last)[first:]


def to_arrow(values: Array) -> pa.Array:
    """Numbers or booleans (N,) as an Arrow array of the same type; numbers share their memory."""
    import pyarrow as pa

    kind = pa.bool_() if values.dtype == bool else pa.type_for_alias(str(values.dtype))
    packed = np.packbits(values, bitorder="little") if values.dtype == bool else np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(packed)])


def to_strings(words: Sequence[str]) -> pa.StringArray:
    """Words as an Arrow array; UnicodeEncodeError where one is not UTF-8."""
    import pyarrow as pa

    data = [word.encode("utf-8") for word in words]
    offsets = np.cumsum([0, *map(len, data)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(data), pa.py_buffer(offsets), pa.py_buffer(b"".join(data)))


def to_lists(rows: Sequence[Sequence[str]]) -> pa.ListArray:
    """Lists of words as an Arrow array of lists; UnicodeEncodeError where a word is not UTF-8."""
    import pyarrow as pa

    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    return pa.ListArray.from_arrays(to_arrow(offsets), to_strings([word for row in rows for word in row]))
