"""The memory problems: the label of each row can be read off the row."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ConfigError
from core.testing import check_dataset
from plugins.datasets.memory import ROWS, Memory


def rows_of(split="dev", **options):
    (batch,) = Memory(**options).batches(split)
    return batch.column("tokens").to_pylist(), batch.column("label").to_pylist()


@pytest.mark.parametrize("shortest", [None, 2])
@pytest.mark.parametrize("problem", ["recall", "adding"])
def test_labels_follow_from_the_marked_numbers(problem, shortest):
    for split in ("train", "dev", "test"):
        rows, labels = rows_of(split, problem=problem, length=9, symbols=5, shortest=shortest)
        lengths = {len(row) for row in rows}
        assert len(rows) == ROWS[split]
        assert lengths == (set(range(2, 10)) if shortest and split == "train" else {9})
        for row, label in zip(rows, labels, strict=True):
            marked = [at for at, word in enumerate(row) if word.startswith("+")]
            assert str(sum(int(row[at]) for at in marked)) == label
            if problem == "recall":
                assert marked == [0]
            else:
                assert len(marked) == 2 and marked[0] < len(row) // 2 <= marked[1]
            assert all(0 <= int(word) < 5 for word in row)


def test_labels_of_recall_are_equally_likely_and_splits_differ():
    _, labels = rows_of("train", symbols=4)
    counts = np.bincount(np.array(labels, dtype=int))
    assert len(counts) == 4 and (abs(counts / len(labels) - 0.25) < 0.02).all()
    assert rows_of("dev")[0][:50] != rows_of("test")[0][:50]


def test_sums_of_adding_have_their_distribution():
    _, labels = rows_of("train", problem="adding", symbols=3, length=6)
    shares = np.bincount(np.array(labels, dtype=int)) / len(labels)
    np.testing.assert_allclose(shares, np.array([1, 2, 3, 2, 1]) / 9, atol=0.02)


def test_options_change_the_fingerprint():
    every = [{}, {"length": 30}, {"symbols": 9}, {"problem": "adding"}, {"shortest": 3}]
    assert len({Memory(**options).fingerprint() for options in every}) == 5


def test_the_best_predictions_are_the_labels():
    source = Memory(problem="adding")
    labels = rows_of("test", problem="adding")[1]
    assert source.oracle("row", "test", "left") == {"label": labels}
    assert source.oracle("number", "test", "left")["number"].tolist() == [float(label) for label in labels]
    assert source.oracle("text", "test", "left") is None


def test_the_contract_of_a_data_set():
    check_dataset("memory", length=4)


def test_a_shortest_row_that_is_too_long_is_an_error():
    with pytest.raises(ConfigError, match="30 is above the length 20"):
        Memory(shortest=30)
