"""Where large arrays are stored: in memory, or in unnamed temporary files that are mapped."""

from __future__ import annotations

import re
import tempfile

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError
from core.types import Array

UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


class Memory:
    """Arrays in memory."""

    def empty(self, size: int, dtype: npt.DTypeLike) -> Array:
        """An uninitialised array."""
        return np.empty(size, dtype)

    def store(self, array: Array) -> Array:
        """The same values in this storage."""
        return array


class Disk(Memory):
    """Arrays mapped from temporary files; a file is deleted with its array."""

    def empty(self, size: int, dtype: npt.DTypeLike) -> Array:
        """See ``Memory.empty``."""
        if not size:
            return np.empty(0, dtype)
        with tempfile.TemporaryFile(prefix="ngram-") as file:
            return np.asarray(np.memmap(file, dtype, "w+", shape=(size,)))

    def store(self, array: Array) -> Array:
        """See ``Memory.store``."""
        stored = self.empty(len(array), array.dtype)
        stored[:] = array
        return stored


def bytes_of(text: str) -> int:
    """The number of bytes in ``2GB``, ``500 MB`` or ``1.5gb``.

    Raises:
        ConfigError: the text is not an amount of memory.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?b|)\s*", text.lower())
    if not match:
        what = f"'{text}' is not an amount of memory"
        raise ConfigError(what, where="encoder.memory", remedy="write it as 2GB or 500MB")
    size = float(match[1]) * UNITS[match[2]]
    if size >= 1 << 63:
        raise ConfigError(
            "so many bytes are beyond 64 bits", where="encoder.memory", remedy="write it as 2GB or 500MB"
        )
    return int(size)
