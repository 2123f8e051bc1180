"""A batch is bounded by its tokens, so that one long row among short ones does not make it large."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.batching import CELLS, Examples, RowBatches
from core.neural.training_length import batch_size_for


def examples(lengths: np.ndarray) -> Examples:
    starts = np.cumsum(lengths) - lengths
    return Examples(
        np.zeros(int(lengths.sum()), np.int32), np.zeros(len(lengths), np.int64), starts, lengths, True
    )


def documents(rows: int = 5000) -> np.ndarray:
    """Lengths like those of film reviews: 300 to 3,000 words."""
    return np.random.default_rng(0).integers(300, 3001, rows)


@pytest.mark.parametrize(
    "lengths",
    [
        np.r_[np.full(2000, 10), 3000],  # one long row among short ones
        np.r_[np.full(200, 10), np.full(200, 3000)],
        documents(),
        np.r_[np.full(5, 7), 2 * CELLS],  # longer than a batch may be: alone
    ],
)
@pytest.mark.parametrize("batch_size", [8, 32, 128])
def test_no_batch_has_more_padded_tokens_than_the_bound(lengths: np.ndarray, batch_size: int) -> None:
    batches = RowBatches(examples(lengths), batch_size)
    for plan in (batches.plan(0), batches.ordered()):
        cells = [len(rows) * int(lengths[rows].max()) for rows in plan]
        alone = [len(rows) == 1 for rows in plan]
        assert all(size <= CELLS or single for size, single in zip(cells, alone, strict=True))
        assert sorted(np.concatenate(plan).tolist()) == list(range(len(lengths)))
    longest = max(plan, key=lambda rows: int(lengths[rows].max()))
    ids = batches.collate(longest).ids
    assert ids.size <= CELLS or len(ids) == 1


def test_long_documents_have_few_rows_per_batch_and_little_padding() -> None:
    lengths = documents()
    size = batch_size_for(lengths)
    assert size == 8  # no fewer
    plan = RowBatches(examples(lengths), size).plan(0)
    padded = sum(len(rows) * int(lengths[rows].max()) for rows in plan)
    assert padded < 1.05 * lengths.sum()  # rows of similar length share a batch
