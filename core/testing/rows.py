"""Made-up rows for the checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.corpus import Ragged
from core.data.interning import close
from core.data.vocab import END, FIRST


def random_rows(rows: int, size: int, seed: int = 0, longest: int = 9) -> Ragged:
    """Random rows of ids from UNK to ``size - 1``, with an empty one among them.

    Args:
        rows: how many.
        size: the number of ids.
        seed: of the draw.
        longest: tokens a row at most, END not counted.
    """
    random = np.random.default_rng(seed)
    lengths = random.integers(0, longest + 1, rows)
    lengths[0] = 0
    # squares crowd the small ids, so that some grams repeat
    ids = FIRST - 1 + (random.random(int(lengths.sum())) ** 2 * (size - FIRST + 1)).astype(np.int32)
    return close(ids.astype(np.int32), lengths)


def histories(rows: Ragged, width: int) -> np.ndarray[Any, Any]:
    """What stands before each symbol in its row: int32 (N, width), right-aligned, END on the left.

    Args:
        rows: the rows.
        width: symbols back.
    """
    made = np.full((len(rows.values), width), END, dtype=np.int32)
    for start, end in zip(rows.offsets[:-1].tolist(), rows.offsets[1:].tolist(), strict=True):
        for at in range(start, end):
            seen = rows.values[max(start, at - width) : at]
            if len(seen):
                made[at, -len(seen) :] = seen
    return made
