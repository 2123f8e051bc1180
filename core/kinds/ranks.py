"""The rank of the right answer among all answers, and the measures that follow from it.

Answers with the same score are tied, and a measure is its mean over all orders of the tied answers, which is exact
and needs no random numbers (McSherry and Najork, 2008). So the rank of an answer is two numbers: how many answers
score higher (``above``), and how many score the same, itself included (``ties``).
"""

from __future__ import annotations

import numpy as np

from core.types import Array, Arrays, Bools, Float64s, Int32s


def rank(scores: Array, answers: Array) -> tuple[Int32s, Int32s]:
    """The rank of each right answer: above (n,), ties (n,).

    Args:
        scores: float (n, V), more is better.
        answers: int (n,), the column of the right answer.
    """
    own = np.take_along_axis(scores, np.asarray(answers)[:, None], 1)  # (n, 1)
    above, ties = (scores > own).sum(1), (scores == own).sum(1)
    return above.astype(np.int32), ties.astype(np.int32)


def rank_by_counts(counts: Array, answers: Array) -> tuple[Int32s, Int32s]:
    """The rank of each right answer where the same scores hold for all events: above (N,), ties (N,).

    Args:
        counts: int (V,), the score of each answer.
        answers: int (N,), the right ones.
    """
    order = np.sort(counts)
    below, upto = (np.searchsorted(order, counts, side=side) for side in ("left", "right"))
    above, ties = len(counts) - upto, upto - below
    return above[answers].astype(np.int32), ties[answers].astype(np.int32)


def hits(ranks: Arrays, k: int) -> Float64s:
    """The probability that the right answer is among the first ``k`` (N,), from ``above`` and ``ties``."""
    return np.clip((k - ranks["above"].astype(np.float64)) / ranks["ties"], 0, 1)


def reciprocals(ranks: Arrays) -> Float64s:
    """1 / rank of each right answer (N,); among tied answers its mean over their orders."""
    return _between(1 / np.arange(1, _last(ranks) + 1), ranks)


def gains(ranks: Arrays, k: int) -> Float64s:
    """1 / log2(1 + rank) within the first ``k``, else 0 (N,): NDCG@k with one right answer, whose ideal is 1."""
    at = np.arange(1, _last(ranks) + 1)
    return _between(np.where(at <= k, 1 / np.log2(1 + at), 0.0), ranks)


def without(ranks: Arrays, lost: Bools, size: int) -> Arrays:
    """The same ranks with some events (N,) in the last place behind all ``size`` answers."""
    last = {"above": size, "ties": 1}
    return {name: np.where(lost, np.int32(value), ranks[name]) for name, value in last.items()}


def _last(ranks: Arrays) -> int:
    """The lowest rank that an answer may have."""
    return int((ranks["above"].astype(np.int64) + ranks["ties"]).max(initial=0))


def _between(values: Float64s, ranks: Arrays) -> Float64s:
    """The mean of the values of the ranks that each right answer may have."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    above, ties = ranks["above"].astype(np.int64), ranks["ties"].astype(np.int64)
    alone = np.append(values, 0.0)[above]  # without the rounding of a difference of sums
    return np.where(ties == 1, alone, (sums[above + ties] - sums[above]) / ties)
