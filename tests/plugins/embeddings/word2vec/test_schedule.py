"""The order in which the text is read."""

from __future__ import annotations

import numpy as np

from plugins.embeddings.word2vec.native.plan import PIECE
from plugins.embeddings.word2vec.schedule import shuffled_tasks


def test_every_token_is_read_once_per_epoch_in_an_order_of_its_own() -> None:
    lengths = np.random.default_rng(0).integers(0, 3000, 200)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    orders = []
    for epoch in range(2):
        tasks = list(shuffled_tasks(offsets, [0, epoch], task=5000, block=40_000))
        pieces = np.concatenate(tasks)
        seen = np.zeros(offsets[-1], dtype=int)
        for start, stop, low, high in pieces.tolist():
            seen[start:stop] += 1
            assert low in offsets and high in offsets and low <= start < stop <= high
            assert stop - start <= PIECE
        assert (seen == 1).all()
        assert max((part[:, 1] - part[:, 0]).sum() for part in tasks) < 5000 + PIECE
        orders.append(pieces[:, 0])
    assert not np.array_equal(*orders)
    assert np.array_equal(np.sort(orders[0]), np.sort(orders[1]))
