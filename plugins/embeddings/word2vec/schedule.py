"""The order in which the text is visited: blocks, and the rows in each, in a fresh random order each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from plugins.embeddings.word2vec.native.plan import PIECE
from plugins.embeddings.word2vec.text import Text

Pieces = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

BLOCK = 1 << 22  # tokens whose rows are shuffled together: a larger text is shuffled block by block
TASK = 100_000  # tokens that a thread takes at a time


class Task(NamedTuple):
    """A part of an epoch, which one thread takes.

    Args:
        seed: of its random numbers: the run's seed, the epoch and its own number.
        pieces: int64 (P, 4), as ``kernels.train`` takes them.
        before: tokens read before it, those of earlier epochs included.
        tokens: tokens of its own.
    """

    seed: tuple[int, int, int]
    pieces: Pieces
    before: int
    tokens: int


def tasks(text: Text, seed: int, epochs: int, size: int, done: tuple[int, int] = (0, 0)) -> Iterator[Task]:
    """All tasks of all epochs, in order.

    Args:
        text: what they are of; what is mapped of it is let go block by block.
        seed: of the order, another one each epoch.
        epochs: passes over the text.
        size: tokens a task, about.
        done: whole epochs, and tasks of the next one, that were done before.
    """
    before = done[0] * len(text.values)
    for epoch in range(done[0], epochs):
        for number, some in enumerate(shuffled_tasks(text.offsets, [seed, epoch], size, begin=text.let_go)):
            tokens = int((some[:, 1] - some[:, 0]).sum())
            if (epoch, number) >= done:
                yield Task((seed, epoch, number), some, before, tokens)
            before += tokens


def shuffled_tasks(
    offsets: npt.NDArray[np.int64],
    seed: list[int],
    task: int,
    block: int = BLOCK,
    begin: Callable[[], None] = lambda: None,
) -> Iterator[Pieces]:
    """All pieces of a text in random order, a thread's task at a time.

    Args:
        offsets: int64 (R + 1,), where rows start.
        seed: of the order.
        task: tokens a task, about.
        block: tokens a block, about.
        begin: called before each block.

    Returns:
        int64 (P, 4), as ``kernels.train`` takes them.
    """
    random = np.random.default_rng(seed)
    bounds = np.searchsorted(offsets, np.arange(0, offsets[-1], block))
    bounds = np.unique(np.concatenate([bounds, [0, len(offsets) - 1]]))
    for b in random.permutation(len(bounds) - 1).tolist():
        begin()
        own = offsets[bounds[b] : bounds[b + 1] + 1]
        rows, numbers = parts(own)
        turn = random.permutation(np.arange(len(rows), dtype=np.int32))
        rows, numbers = rows[turn], numbers[turn]
        left = np.diff(own).astype(np.int32)[rows] - numbers * np.int32(PIECE)
        ends = np.cumsum(np.minimum(left, PIECE), dtype=np.int64)
        if len(rows):
            stops = np.searchsorted(ends, np.arange(task, ends[-1] + task, task)) + 1
            bits = zip(np.split(rows, stops), np.split(numbers, stops), strict=True)
            yield from (pieces(own, *bit) for bit in bits if len(bit[0]))


def parts(offsets: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Rows as parts of at most ``PIECE`` tokens: of each its row and its number there, int32 (P,) each."""
    counts = -(-np.diff(offsets) // PIECE)
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    firsts = np.cumsum(counts, dtype=np.int32) - counts.astype(np.int32)
    return rows, np.arange(len(rows), dtype=np.int32) - firsts[rows]


def pieces(offsets: npt.NDArray[np.int64], rows: Ints, numbers: Ints) -> Pieces:
    """Parts of rows in full: int64 (P, 4), start, stop, and the row's start and end."""
    lows, highs = offsets[rows], offsets[rows + 1]
    starts = lows + numbers * np.int64(PIECE)
    return np.stack([starts, np.minimum(starts + PIECE, highs), lows, highs], 1)


def all_pieces(offsets: npt.NDArray[np.int64]) -> Pieces:
    """All parts of all rows in full; see ``pieces``."""
    return pieces(offsets, *parts(offsets))
