from __future__ import annotations

import numpy as np
import pytest

from core.data.batching import RowBatches, StreamBatches, in_pieces, left_aligned
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, Vocab
from core.kinds import find_kind


def ragged(rows):
    closed = [[*row, END] for row in rows]
    return Ragged(np.array(sum(closed, []), dtype=np.int32), np.cumsum([0, *map(len, closed)]).astype(np.int64))


def vocab(size):
    return Vocab([str(i) for i in range(size)], np.ones(size, dtype=np.int64))


def text(rows):
    return Corpus(vocab(10), {"tokens": ragged(rows)}, ["new"])


def some_rows(count, longest=30, seed=0):
    random = np.random.default_rng(seed)
    return [random.integers(2, 10, random.integers(0, longest)).tolist() for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 7, 200])
def test_every_row_is_in_an_epoch_once(count):
    rows = RowBatches(find_kind("next").examples(text(some_rows(count))), 3, seed=5)
    for plan in (rows.plan(0), rows.plan(1), rows.ordered()):
        assert sorted(np.concatenate([np.zeros(0, int), *plan]).tolist()) == list(range(count))


def test_the_order_is_a_function_of_seed_and_epoch():
    def order(seed, epoch):
        plan = RowBatches(find_kind("next").examples(text(some_rows(60))), 3, seed=seed).plan(epoch)
        return np.concatenate(plan).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3) != order(2, 3)


def test_buckets_hold_rows_of_near_equal_length():
    rows = RowBatches(find_kind("next").examples(text(some_rows(1000))), 10)
    cells = sum(batch.ids.size for batch in map(rows.collate, rows.plan(0)))
    assert cells < 1.1 * len(rows.examples.inputs)


def test_a_batch_is_cut_by_cells_and_a_longer_row_is_a_batch():
    rows = RowBatches(find_kind("next").examples(text([[2] * 10_000, *[[3] * 9] * 8])), 4, cells=25)
    sizes = [rows.collate(item).ids.shape for item in rows.ordered()]
    assert sizes == [(2, 10)] * 4 + [(1, 10_001)]


def read(streams):
    batches = [streams.collate(item) for item in streams.plan(0)]
    return batches, np.concatenate([batch.index[batch.index >= 0] for batch in batches])


@pytest.mark.parametrize("warmup", [None, 0, 4])
@pytest.mark.parametrize("count", [1, 2, 5, 40])
@pytest.mark.parametrize("number", [1, 3, 7])
@pytest.mark.parametrize("chunk", [1, 5])
def test_streams_score_every_event_once_with_its_own_history(warmup, count, number, chunk):
    corpus = text(some_rows(count))
    batches, scored = read(StreamBatches(find_kind("next").examples(corpus), number, chunk, warmup))
    values = corpus.tokens.values
    assert sorted(scored.tolist()) == list(range(len(values)))
    before = np.concatenate([[END], values[:-1]])
    for batch in batches:
        at = batch.index >= 0
        assert (batch.targets[at] == values[batch.index[at]]).all() and (batch.targets[~at] == -1).all()
        assert (batch.ids[at] == before[batch.index[at]]).all()


def test_training_streams_are_equally_long_and_the_overlap_is_not_scored():
    batches, _ = read(StreamBatches(find_kind("next").examples(text([[2, 3, 4, 5, 6, 7]])), 2, 10))
    (batch,) = batches
    assert batch.ids.tolist() == [[END, 2, 3, 4], [4, 5, 6, 7]]  # N = 7, L = 4: the last stream starts at 3
    assert batch.targets.tolist() == [[2, 3, 4, 5], [-1, 6, 7, END]]


def test_an_evaluation_stream_reads_its_warmup_and_scores_its_own_tokens():
    batches, _ = read(StreamBatches(find_kind("next").examples(text([[2, 3, 4, 5, 6, 7]])), 2, 10, 2))
    (batch,) = batches
    assert batch.ids.tolist() == [[END, 2, 3, 4, END], [3, 4, 5, 6, 7]]
    assert batch.targets.tolist() == [[2, 3, 4, 5, -1], [-1, -1, 6, 7, END]]
    assert batch.lengths.tolist() == [4, 5]


def test_only_the_first_chunk_of_the_streams_is_fresh():
    batches, _ = read(StreamBatches(find_kind("next").examples(text(some_rows(20))), 2, 5))
    assert [batch.fresh for batch in batches] == [True] + [False] * (len(batches) - 1)


def test_histories_start_at_their_last_end():
    histories = np.array([[4, END, 5], [END, END, END], [4, 5, 6]], dtype=np.int32)
    ids, lengths = left_aligned(histories)
    assert [row[:n].tolist() for row, n in zip(ids, lengths, strict=True)] == [[END, 5], [END], [END, 4, 5, 6]]


@pytest.mark.parametrize("kind", ["token", "next"])
@pytest.mark.parametrize("size", [1, 2, 7, 29, 30])
def test_long_rows_become_several_that_hold_every_token_and_answer_once_and_in_order(kind, size):
    corpus = text(some_rows(40) + [[], [3]])
    whole = find_kind(kind).examples(corpus)
    parts = in_pieces(whole, size)
    assert parts.lengths.max() <= size and (parts.lengths.max() - parts.lengths[parts.lengths > 0].min()) < 30
    read = np.concatenate([np.arange(s, s + n) for s, n in zip(parts.starts, parts.lengths, strict=True)])
    kept = np.concatenate([np.arange(s, s + n) for s, n in zip(whole.starts, whole.lengths, strict=True)])
    assert np.array_equal(read, kept)
    assert (parts.lengths == 0).sum() == (whole.lengths == 0).sum()


def test_the_pieces_of_a_row_are_nearly_equally_long():
    examples = find_kind("token").examples(text([[2] * 4097, [3, 4], [5] * 8192]))
    parts = in_pieces(examples, 4096)
    assert parts.lengths.tolist() == [2049, 2048, 2, 4096, 4096]
    assert parts.starts.tolist() == [0, 2049, 4098, 4101, 8197]


def test_a_long_row_with_one_label_is_cut():
    tokens = ragged([[2, 3, 4, 5], [6], []])
    corpus = Corpus(vocab(10), {"tokens": tokens, "labels": ragged([[2], [3], [2]])}, [], vocab(4))
    parts = in_pieces(find_kind("sequence").examples(corpus), 3)
    assert parts.lengths.tolist() == [3, 1, 0] and parts.answers.tolist() == [0, 1, 0]
    assert RowBatches(parts, 1).collate(np.array([0])).ids.tolist() == [[2, 3, 4]]


def test_rows_within_the_limit_stay_as_they_are():
    examples = find_kind("token").examples(text(some_rows(40)))
    assert in_pieces(examples, 30) is examples
