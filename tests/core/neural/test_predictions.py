"""Predictions that are filled batch by batch."""

from __future__ import annotations

import numpy as np

from core.data.batching import Batch
from core.neural.predictions import Predictions


def batch_of(rows: list[int]) -> Batch:
    index = np.array(rows, dtype=np.int64)
    return Batch(np.zeros((len(rows), 1), np.int64), np.ones(len(rows), np.int64), index[:, None], index)


def test_outputs_of_different_widths_end_in_zeros() -> None:
    found = Predictions({}, 4)
    found.add(batch_of([2, 0]), {"output": np.array([[5, 6], [7, 0]]), "log_prob": np.array([-2.0, -1.0])})
    found.add(batch_of([1]), {"output": np.array([[1, 2, 3]]), "log_prob": np.array([-3.0])})
    found.add(batch_of([3, -1]), {"output": np.array([[9], [8]]), "log_prob": np.array([-4.0, 0.0])})
    assert found.arrays["output"].tolist() == [[7, 0, 0], [1, 2, 3], [5, 6, 0], [9, 0, 0]]
    assert found.arrays["log_prob"].tolist() == [-1.0, -3.0, -2.0, -4.0]


def test_labels_are_counted_from_the_first_real_one() -> None:
    found = Predictions({"label": np.zeros(2, dtype=np.int32)}, 2)
    found.add(batch_of([1, 0]), {"label": np.array([0, 3])})
    assert found.arrays["label"].tolist() == [5, 2]
