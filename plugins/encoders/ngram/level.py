"""The grams of one order in flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.types import Float32s, Int32s

FIELDS = ("words", "children", "log_probs", "backoffs", "counts")


def _no_ints() -> Int32s:
    return np.zeros(0, dtype=np.int32)


def _no_floats() -> Float32s:
    return np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Level:
    """The grams of one order.

    Args:
        words: int32 (G,), the last symbol of each gram; for order 1 every id.
        children: int32 (G + 1,), where the grams of the next order start; of size 0 for the highest order.
        log_probs: float32 (G,), natural logs.
        backoffs: float32 (G,), natural logs; of size 0 for the highest order.
        counts: int32 (G,), the counts behind the probabilities; of size 0 if they are not known.
    """

    words: Int32s
    children: Int32s = field(default_factory=_no_ints)
    log_probs: Float32s = field(default_factory=_no_floats)
    backoffs: Float32s = field(default_factory=_no_floats)
    counts: Int32s = field(default_factory=_no_ints)

    def __len__(self) -> int:
        return len(self.words)
