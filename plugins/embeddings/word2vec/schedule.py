"""The order in which the text is read: blocks, and the rows in each block, in a new random order each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from core.types import Int32s, Int64s
from plugins.embeddings.word2vec.native.plan import PIECE
from plugins.embeddings.word2vec.text import Text

BLOCK = 1 << 22  # tokens whose rows are shuffled together: a larger text is shuffled block by block
TASK = 100_000  # tokens per task of a thread


class Task(NamedTuple):
    """A part of an epoch that one thread trains on.

    Args:
        seed: the seed of its random numbers: the run's seed, the epoch and the number of the task.
        pieces: int64 (P, 4), see ``kernels.train``.
        before: tokens read before, earlier epochs included.
        tokens: tokens in this task.
    """

    seed: tuple[int, int, int]
    pieces: Int64s
    before: int
    tokens: int


def tasks(text: Text, seed: int, epochs: int, size: int, done: tuple[int, int] = (0, 0)) -> Iterator[Task]:
    """All tasks of all epochs, in order.

    Args:
        text: the text; mapped memory is released after each block.
        seed: the seed of the order, which differs in each epoch.
        epochs: passes over the text.
        size: approximate number of tokens per task.
        done: finished epochs, and finished tasks of the next epoch.
    """
    before = done[0] * len(text.values)
    for epoch in range(done[0], epochs):
        for number, some in enumerate(
            shuffled_tasks(text.offsets, [seed, epoch], size, begin=text.release_memory)
        ):
            tokens = int((some[:, 1] - some[:, 0]).sum())
            if (epoch, number) >= done:
                yield Task((seed, epoch, number), some, before, tokens)
            before += tokens


def shuffled_tasks(
    offsets: Int64s,
    seed: list[int],
    task: int,
    block: int = BLOCK,
    begin: Callable[[], None] = lambda: None,
) -> Iterator[Int64s]:
    """All pieces of a text in random order, one task at a time.

    Args:
        offsets: int64 (R + 1,), where rows start.
        seed: the seed of the order.
        task: approximate number of tokens per task.
        block: approximate number of tokens per block.
        begin: called before each block.

    Returns:
        int64 (P, 4), see ``kernels.train``.
    """
    random = np.random.default_rng(seed)
    bounds = np.searchsorted(offsets, np.arange(0, offsets[-1], block))
    bounds = np.unique(np.concatenate([bounds, [0, len(offsets) - 1]]))
    for b in random.permutation(len(bounds) - 1).tolist():
        begin()
        own = offsets[bounds[b] : bounds[b + 1] + 1]
        rows, numbers = parts(own)
        shuffled = random.permutation(np.arange(len(rows), dtype=np.int32))
        rows, numbers = rows[shuffled], numbers[shuffled]
        left = np.diff(own).astype(np.int32)[rows] - numbers * np.int32(PIECE)
        ends = np.cumsum(np.minimum(left, PIECE), dtype=np.int64)
        if len(rows):
            stops = np.searchsorted(ends, np.arange(task, ends[-1] + task, task)) + 1
            bits = zip(np.split(rows, stops), np.split(numbers, stops), strict=True)
            yield from (pieces(own, *bit) for bit in bits if len(bit[0]))


def parts(offsets: Int64s) -> tuple[Int32s, Int32s]:
    """Rows split into parts of at most ``PIECE`` tokens: the row and the number of each part, int32 (P,)."""
    counts = -(-np.diff(offsets) // PIECE)
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    firsts = np.cumsum(counts, dtype=np.int32) - counts.astype(np.int32)
    return rows, np.arange(len(rows), dtype=np.int32) - firsts[rows]


def pieces(offsets: Int64s, rows: Int32s, numbers: Int32s) -> Int64s:
    """Parts of rows as pieces: int64 (P, 4), start, stop, and start and end of the row."""
    lows, highs = offsets[rows], offsets[rows + 1]
    starts = lows + numbers * np.int64(PIECE)
    return np.stack([starts, np.minimum(starts + PIECE, highs), lows, highs], 1)


def all_pieces(offsets: Int64s) -> Int64s:
    """All pieces of all rows in order; see ``pieces``."""
    return pieces(offsets, *parts(offsets))
