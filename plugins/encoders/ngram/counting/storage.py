"""Where large arrays lie: in memory, or in files without a name that are mapped into it."""

from __future__ import annotations

import re
import tempfile
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError

UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


class Memory:
    """Ordinary arrays."""

    def empty(self, size: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array whose numbers are not set yet."""
        return np.empty(size, dtype)

    def keep(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The same numbers where this keeps them."""
        return array


class Disk(Memory):
    """Arrays mapped from files in the folder for temporary files; a file goes when its array does."""

    def empty(self, size: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """See ``Memory.empty``."""
        if not size:
            return np.empty(0, dtype)
        with tempfile.TemporaryFile(prefix="ngram-") as file:
            return np.asarray(np.memmap(file, dtype, "w+", shape=(size,)))

    def keep(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """See ``Memory.keep``."""
        kept = self.empty(len(array), array.dtype)
        kept[:] = array
        return kept


def bytes_of(text: str) -> int:
    """The number of bytes that ``2GB``, ``500 MB`` or ``1.5gb`` stand for.

    Raises:
        ConfigError: it is no amount of memory.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?b|)\s*", text.lower())
    if not found:
        raise ConfigError(
            f"'{text}' is no amount of memory", where="encoder.memory", remedy="write it as 2GB or 500MB"
        )
    return int(float(found[1]) * UNITS[found[2]])
