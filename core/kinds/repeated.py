"""The ranks of items where those of the session so far come first: a baseline for the next item."""

from __future__ import annotations

import numpy as np

from core.data.corpus import Ragged
from core.data.vocab import FIRST
from core.kinds.ranks import rank_by_counts
from core.types import Array, Arrays, Int32s, Int64s

CELLS = 1 << 20  # items of rows that are read at a time


def repeated_ranks(rows: Ragged, counts: Int64s) -> Arrays:
    """The rank of each item: the distinct items before it in its row, the last first, then all by their counts.

    Args:
        rows: closed ids; an item that training lacks comes after all others.
        counts: int64 (V,), how often each id occurs in training.

    Returns:
        ``above`` and ``ties``, int32 (N,), aligned with the values of the rows; the ends of rows have 0 and 1.
    """
    found = {"above": np.zeros(len(rows.values), np.int32), "ties": np.ones(len(rows.values), np.int32)}
    order = np.argsort(rows.lengths, kind="stable")
    while len(order):
        some = order[: max(1, CELLS // int(rows.lengths[order[-1]]))]
        order = order[len(some) :]
        lengths = rows.lengths[some] - 1
        inside = np.arange(lengths.max(initial=0)) < lengths[:, None]  # (B, T)
        index = np.where(inside, rows.offsets[some][:, None] + np.arange(inside.shape[1]), 0)  # (B, T)
        items = np.where(inside, rows.values[index], -1)
        for name, values in zip(found, _of_rows(items, counts), strict=True):
            found[name][index[inside]] = values[inside]
    return found


def _of_rows(items: Int32s, counts: Int64s) -> tuple[Array, Array]:
    """``above`` and ``ties`` of rows of items (B, T), -1 beyond their ends."""
    popular = counts[FIRST:]
    above, ties = (part.astype(np.int64) for part in rank_by_counts(popular, np.maximum(items.ravel() - FIRST, 0)))
    above, ties = above.reshape(items.shape), ties.reshape(items.shape)
    known = items >= FIRST
    own = np.where(known, counts[np.maximum(items, 0)], -1)  # (B, T)
    latest = np.zeros(items.shape, dtype=bool)  # whether a position is the last one of its item so far
    for t in range(items.shape[1]):
        before, item, count = latest[:, :t], items[:, t, None], own[:, t, None]
        same = before & (items[:, :t] == item)  # (B, t), at most one per row
        later = np.cumsum(before[:, ::-1], 1)[:, ::-1] - before  # (B, t), distinct items behind each position
        distinct = before.sum(1)
        more, equal = (before & (own[:, :t] > count)).sum(1), (before & (own[:, :t] == count)).sum(1)
        repeats = same.any(1)
        above[:, t] = np.where(repeats, (later * same).sum(1), distinct + above[:, t] - more)
        ties[:, t] = np.where(repeats, 1, ties[:, t] - equal)
        latest[:, :t] &= items[:, :t] != item
        latest[:, t] = known[:, t]
    return np.where(known, above, len(popular)), np.where(known, ties, 1)
