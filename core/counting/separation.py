"""Which candidates dev separates from another one: a paired test over rows, corrected for their number.

The level is not that of a verdict. To change between equally good candidates costs nothing, to keep a worse one
does: a candidate has to beat what the luckiest of as many equally good ones would reach every other time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.types import Float64s

LEVEL = 0.5  # of the tests of one step together; docs/counting.md has the levels that were compared
FLIPS = 1999  # random exchanges of two candidates' rows
SEED = 0  # of the exchanges, so that the same scores always give the same choice
FEWEST = 3  # rows in which two candidates have to differ
CLOSE = 1e-9  # of the largest difference: smaller ones are rounding errors
CELLS = 1 << 21  # random numbers in memory at a time


def p_values(differences: Float64s) -> Float64s:
    """One-sided p-values that the mean of each column is above 0, corrected for the number of columns.

    If two candidates were equally good, exchanging their answers to any rows would change nothing. All columns
    share each exchange, and each is compared with the largest standardised sum of any column (Westfall and Young,
    1993): candidates that answer nearly alike count as nearly one.

    Args:
        differences: float64 (R, K), for each of R rows the scores of K candidates minus those of the reference.
    """
    rows, columns = differences.shape
    sizes = np.abs(differences)
    differences = np.where(sizes > CLOSE * sizes.max(initial=0.0), differences, 0.0)
    lengths = np.sqrt((differences**2).sum(0))  # (K,)
    scaled = differences / np.where(lengths > 0, lengths, 1)  # (R, K)
    observed, extreme = scaled.sum(0), np.zeros(columns)
    random, size = np.random.default_rng(SEED), max(1, CELLS // max(1, rows))
    for start in range(0, FLIPS, size):
        signs = random.choice(np.array([-1.0, 1.0]), (min(size, FLIPS - start), rows))
        largest = (signs @ scaled).max(1)  # (flips,)
        extreme += (largest[:, None] >= observed - CLOSE).sum(0)
    enough = np.count_nonzero(differences, axis=0) >= FEWEST
    return np.where(enough, (1 + extreme) / (1 + FLIPS), 1.0)


def separated(values: Sequence[Float64s], scores: Sequence[float], reference: int) -> list[int]:
    """The candidates that are better than one of them by more than chance explains.

    Args:
        values: of each candidate, float64 (R,), a number per row whose mean is its score; more is better.
        scores: of each candidate; one that is not finite is worse than all that are.
        reference: the candidate that the others are compared with.
    """
    others = [i for i, score in enumerate(scores) if np.isfinite(score) and i != reference]
    if not others or not np.isfinite(scores[reference]):
        return others
    p = p_values(np.stack([values[i] - values[reference] for i in others], axis=1))  # also of the worse ones
    return [i for i, own in zip(others, p.tolist(), strict=True) if own <= LEVEL and scores[i] > scores[reference]]


def simplest(values: Sequence[Float64s], scores: Sequence[float]) -> int:
    """The first candidate, unless dev separates others from it; then the first of these that no other beats.

    Args:
        values: as for ``separated``; the simplest candidate comes first.
        scores: of each candidate.
    """
    left = separated(values, scores, 0)
    for candidate in left:
        among = [candidate, *(i for i in left if i != candidate)]
        if not separated([values[i] for i in among], [scores[i] for i in among], 0):
            return candidate
    return 0
