"""Which runs are compared: same split, same seed."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.verdicts.pairing import pair_runs


def test_runs_are_paired_by_split_and_seed_and_every_split_counts_the_same() -> None:
    """The first row lacks seed 2 on split 7, the second has no split 9."""
    first = {(5, 1): 0, (5, 2): 1, (7, 1): 2, (9, 1): 3}
    second = {(7, 2): 4, (7, 1): 5, (5, 2): 6, (5, 1): 7}
    pairing = pair_runs(first, second, (False, False), [5, 5, 7, 9, 7, 7, 5, 5])
    assert (pairing.first.tolist(), pairing.second.tolist()) == ([0, 1, 2], [7, 6, 5])
    assert pairing.split.tolist() == [0, 0, 1] and pairing.splits == 2
    assert pairing.weights == pytest.approx([0.25, 0.25, 0.5])
    assert (pairing.by_split @ np.array([1.0, 3.0, 5.0])).tolist() == [2.0, 5.0]


def test_a_row_without_seeds_has_its_run_of_a_split_paired_with_each_seed_there() -> None:
    counted, trained = {(1, 1): 0, (2, 1): 1}, {(1, 4): 2, (1, 5): 3, (2, 4): 4, (3, 4): 5}
    splits = [1, 2, 1, 1, 2, 3]
    pairing = pair_runs(counted, trained, (True, False), splits)
    assert (pairing.first.tolist(), pairing.second.tolist()) == ([0, 0, 1], [2, 3, 4])
    turned = pair_runs(trained, counted, (False, True), splits)
    assert (turned.first.tolist(), turned.second.tolist()) == ([2, 3, 4], [0, 0, 1])


def test_one_split_has_the_mean_over_seeds() -> None:
    pairing = pair_runs({3: 0, 1: 1}, {1: 2, 3: 3}, (False, False), ())
    assert (pairing.first.tolist(), pairing.second.tolist()) == ([0, 1], [3, 2])
    assert pairing.splits == 1 and pairing.weights.tolist() == [0.5, 0.5]
