"""Ranks and the measures that follow from them, by hand and by enumeration of the orders of ties."""

from __future__ import annotations

from itertools import permutations
from math import log2

import numpy as np
import pytest

from core.kinds.ranks import gains, hits, rank, rank_by_counts, reciprocals, without


def test_ranks_by_hand() -> None:
    scores = np.array([[0.5, 0.2, 0.2, 0.1], [0.25, 0.25, 0.25, 0.25]])
    above, ties = rank(scores, np.array([2, 0]))
    assert above.tolist() == [1, 0] and ties.tolist() == [2, 4]
    ranks = {"above": above, "ties": ties}
    assert hits(ranks, 1).tolist() == [0, 1 / 4]
    assert hits(ranks, 2).tolist() == [1 / 2, 2 / 4]
    assert reciprocals(ranks) == pytest.approx([(1 / 2 + 1 / 3) / 2, (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4])
    assert gains(ranks, 2) == pytest.approx([1 / log2(3) / 2, (1 + 1 / log2(3)) / 4])


@pytest.mark.parametrize("k", [1, 2, 3, 10])
def test_ties_count_as_the_mean_over_their_orders(k: int) -> None:
    random = np.random.default_rng(k)
    for _ in range(10):
        scores, right = random.integers(0, 3, 5), int(random.integers(5))
        orders = [order for order in permutations(range(5)) if (np.diff(scores[list(order)]) <= 0).all()]
        places = np.array([order.index(right) + 1 for order in orders])
        above, ties = rank(scores[None], np.array([right]))
        ranks = {"above": above, "ties": ties}
        assert hits(ranks, k)[0] == pytest.approx((places <= k).mean())
        assert reciprocals(ranks)[0] == pytest.approx((1 / places).mean())
        assert gains(ranks, k)[0] == pytest.approx(np.where(places <= k, 1 / np.log2(1 + places), 0).mean())


def test_equal_scores_for_all_events_rank_as_one_by_one() -> None:
    counts, answers = np.array([4, 1, 4, 0, 1, 2]), np.array([0, 1, 2, 3, 4, 5, 0])
    above, ties = rank(np.tile(counts, (len(answers), 1)), answers)
    own = rank_by_counts(counts, answers)
    assert own[0].tolist() == above.tolist() and own[1].tolist() == ties.tolist()


def test_a_lost_answer_comes_after_all_others() -> None:
    ranks = without({"above": np.array([0, 3]), "ties": np.array([2, 1])}, np.array([True, False]), 7)
    assert ranks["above"].tolist() == [7, 3] and ranks["ties"].tolist() == [1, 1]
    assert reciprocals(ranks).tolist() == [1 / 8, 1 / 4]


def test_no_events_have_no_measures() -> None:
    ranks = {"above": np.zeros(0, np.int32), "ties": np.zeros(0, np.int32)}
    assert len(reciprocals(ranks)) == len(gains(ranks, 3)) == len(hits(ranks, 3)) == 0
