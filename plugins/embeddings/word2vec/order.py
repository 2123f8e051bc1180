"""The order in which the text is visited: blocks, and the rows in each, in a fresh random order each epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from plugins.embeddings.word2vec.plan import PIECE

Pieces = npt.NDArray[np.int64]

BLOCK = 1 << 24  # tokens whose rows are shuffled together: a larger text is shuffled block by block
TASK = 100_000  # tokens that a thread takes at a time


def visits(offsets: npt.NDArray[np.int64], seed: list[int], task: int, block: int = BLOCK) -> Iterator[Pieces]:
    """All pieces of a text in random order, a thread's task at a time.

    Args:
        offsets: int64 (R + 1,), where rows start.
        seed: of the order.
        task: tokens a task, about.
        block: tokens a block, about.

    Returns:
        int64 (P, 4), as ``kernels.train`` takes them.
    """
    random = np.random.default_rng(seed)
    bounds = np.searchsorted(offsets, np.arange(0, offsets[-1], block))
    bounds = np.unique(np.concatenate([bounds, [0, len(offsets) - 1]]))
    for b in random.permutation(len(bounds) - 1).tolist():
        pieces = cut(offsets[bounds[b] : bounds[b + 1] + 1])
        pieces = pieces[random.permutation(len(pieces))]
        ends = np.cumsum(pieces[:, 1] - pieces[:, 0])
        if len(pieces):
            stops = np.searchsorted(ends, np.arange(task, ends[-1] + task, task)) + 1
            yield from (part for part in np.split(pieces, stops) if len(part))


def cut(offsets: npt.NDArray[np.int64]) -> Pieces:
    """Rows as pieces of at most ``PIECE`` tokens: int64 (P, 4), start, stop, and the row's start and end."""
    lengths = np.diff(offsets)
    parts = -(-lengths // PIECE)
    lows, highs = np.repeat(offsets[:-1], parts), np.repeat(offsets[1:], parts)
    number = np.arange(len(lows)) - np.repeat(np.cumsum(parts) - parts, parts)
    starts = lows + number * PIECE
    return np.stack([starts, np.minimum(starts + PIECE, highs), lows, highs], 1)
