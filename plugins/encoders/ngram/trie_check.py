"""Whether the arrays of a saved trie fit together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.counting.checks import check_floats, check_integers
from core.types import Int32s
from plugins.encoders.ngram.level import Level

BLOCK = 1 << 22  # grams checked at a time
DTYPES = {"words": np.int32, "children": np.int32, "log_probs": np.float32, "backoffs": np.float32}
COUNTS = (np.int32, np.int64)
LARGEST = float(np.finfo(np.float32).max)


def check_levels(levels: Sequence[Level], size: int) -> None:
    """Refuse a trie whose children or words point outside, or whose grams are not sorted.

    Args:
        levels: order 1 first.
        size: the number of ids.

    Raises:
        ValueError: an array does not fit.
    """
    for k, level in enumerate(levels, 1):
        _check_level(k, level, size, is_top=k == len(levels))
    for k, (level, above) in enumerate(zip(levels, levels[1:], strict=False), 1):
        check_integers(f"children.{k}", level.children, (len(level) + 1,), 0, len(above) + 1, rising=True)
        if (int(level.children[0]), int(level.children[-1])) != (0, len(above)):
            raise ValueError(f"children.{k} do not lead to all grams of order {k + 1}")
        _check_sorted(f"words.{k + 1}", above.words, level.children)


def _check_level(k: int, level: Level, size: int, is_top: bool) -> None:
    """Refuse the arrays of an order that are of another type or size."""
    for name, dtype in DTYPES.items():
        if (array := getattr(level, name)).size and array.dtype != dtype:
            raise ValueError(f"{name}.{k} has values of type {array.dtype}")
    if level.counts.dtype not in COUNTS:
        raise ValueError(f"counts.{k} has values of type {level.counts.dtype}")
    grams = level.log_probs.size
    check_integers(f"words.{k}", level.words, (grams,), 0, size)
    check_floats(f"log_probs.{k}", level.log_probs, (grams,), most=LARGEST)
    check_floats(f"backoffs.{k}", level.backoffs, (0 if is_top else grams,), most=LARGEST)
    check_integers(f"counts.{k}", level.counts, (grams if level.counts.size else 0,), 0, 1 << 62)


def _check_sorted(name: str, words: Int32s, children: Int32s) -> None:
    """Refuse grams that are not ascending within their context."""
    for at in range(0, len(words), BLOCK):
        part = words[at : at + BLOCK + 1]  # one more, to compare neighbours
        low, high = np.searchsorted(children, [at, at + len(part)])
        begins = np.zeros(len(part), dtype=bool)
        begins[children[low:high] - at] = True
        if ((part[1:] <= part[:-1]) & ~begins[1:]).any():
            raise ValueError(f"{name} are not sorted within their contexts")
