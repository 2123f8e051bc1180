"""The shares of several processes are, together, the batches of one."""

from __future__ import annotations

import numpy as np
import pytest
from neural_cases import corpus

from core.data.batching import Batch, Batches, RowBatches, StreamBatches
from core.kinds import find_kind


def entries(batches: list[Batch]) -> list[tuple[int, ...]]:
    """Event, answer and input of each scored cell, sorted."""
    cells = [
        zip(b.index[s].tolist(), b.targets[s].tolist(), b.ids[s].tolist(), strict=True)
        for b in batches
        if (s := b.index >= 0).any()
    ]
    return sorted(entry for part in cells for entry in part)


@pytest.mark.parametrize("size", [2, 3, 20])
@pytest.mark.parametrize("warmup", [None, 3])
def test_shares_of_streams_are_all_streams_once_and_each_stays(size: int, warmup: int | None) -> None:
    whole = StreamBatches(find_kind("next").examples(corpus("next")), 7, 5, warmup)
    shares = [whole.share(rank, size) for rank in range(size)]
    for item in whole.plan(0):
        batch, parts = whole.collate(item), [share.collate(item) for share in shares]
        assert entries(parts) == entries([batch])
        for rank, part in enumerate(parts[:7]):
            assert (part.ids == batch.ids[rank::size]).all()
        assert {part.fresh for part in parts} == {batch.fresh}
    assert all(share.plan(0) == whole.plan(0) for share in shares)


@pytest.mark.parametrize("size", [2, 3, 20])
def test_shares_of_rows_are_all_rows_once(size: int) -> None:
    whole: Batches = RowBatches(find_kind("token").examples(corpus("token")), 6, seed=3)
    shares = [whole.share(rank, size) for rank in range(size)]
    for item in whole.plan(1):
        parts = [share.collate(item) for share in shares]
        assert entries(parts) == entries([whole.collate(item)])
        assert sum(int(part.lengths.sum()) for part in parts) == int(whole.collate(item).lengths.sum())
        lengths = [len(part.ids) for part in parts]
        assert max(lengths) - min(lengths) <= 1 or size > len(item)


def test_one_answer_per_row_is_shared_too_and_nothing_has_none() -> None:
    whole = RowBatches(find_kind("sequence").examples(corpus("sequence", 4)), 4)
    batches = [whole.share(rank, 6).collate(whole.plan(0)[0]) for rank in range(6)]
    assert sorted(np.concatenate([b.index for b in batches]).tolist()) == [-1, -1, 0, 1, 2, 3]
    last = batches[-1]
    assert (last.ids.shape, last.lengths.tolist(), last.targets.tolist()) == ((1, 1), [0], [-1])
