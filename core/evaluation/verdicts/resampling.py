"""Scores of resampled rows: the bootstrap of rows, and the exchange of two models' rows.

All runs of a column share each resample, which keeps differences paired; all sums are one product of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.evaluation.verdicts.pairing import Pairing
from core.row_sums import Formula
from core.types import Bools, Float64s, Int64s

SEED = 0  # of every resample, so that the same runs always have the same verdict
RESAMPLES, EXCHANGES = 2000, 9999
SMALL = 12  # units in which two rows of a table differ, up to which all 2^n exchanges are computed
CELLS = 1 << 21  # numbers that one block of resamples takes, at most
CLOSE = 1e-10  # of the scores: differences that are only rounded differently are equal


def bootstrap(sums: Float64s, formula: Formula, resamples: int = RESAMPLES) -> Float64s:
    """The score of each run on rows drawn with replacement.

    Args:
        sums: float64 (U, M, D), for each of U units (rows, or blocks of them) and M runs.
        formula: (..., D) -> (...).
        resamples: how many.

    Returns:
        float64 (resamples, M).
    """
    units, runs, size = sums.shape
    random, flat, scores = np.random.default_rng(SEED), sums.reshape(units, -1), []
    for count in _blocks(resamples, max(units, runs * size)):
        draws = random.integers(0, units, (count, units)) + np.arange(count)[:, None] * units
        weights = np.bincount(draws.ravel(), minlength=count * units).reshape(count, units).astype(np.float64)
        scores.append(formula((weights @ flat).reshape(count, runs, size)))
    return np.concatenate(scores)  # (resamples, M)


def exchange_tests(
    sums: Float64s, formula: Formula, pairings: Sequence[Pairing], exchanges: int = EXCHANGES
) -> Float64s:
    """The p-value of each pairing: how often exchanging the two in random rows gives as large a difference.

    A row is exchanged in all splits and seeds together. A pair that differs in few units has all exchanges
    computed (Fisher's exact test for paired data), others have random ones, to which the observed one is added.

    Args:
        sums: float64 (U, M, D), for each of U units and M runs.
        formula: (..., D) -> (...).
        pairings: the runs to compare.
        exchanges: how many random exchanges.

    Returns:
        float64 (P,), two-sided.
    """
    p_values = np.ones(len(pairings))
    many: list[int] = []
    for i, pairing in enumerate(pairings):
        first, second = pairing.first, pairing.second
        differing = np.flatnonzero((sums[:, first] != sums[:, second]).any(axis=(1, 2)))
        if not len(differing):
            continue
        if len(differing) > SMALL:
            many.append(i)
            continue
        patterns = np.arange(1 << len(differing))[:, None] >> np.arange(len(differing)) & 1
        moved = np.tensordot(patterns, (sums[:, second] - sums[:, first])[differing], 1)  # (2^n, S, D)
        p_values[i] = _extreme(sums.sum(0), formula, pairing, moved).mean()
    if many:
        extreme = _random_exchanges(sums, formula, [pairings[i] for i in many], exchanges)
        p_values[many] = (1 + extreme) / (1 + exchanges)
    return p_values


def _random_exchanges(sums: Float64s, formula: Formula, pairings: Sequence[Pairing], exchanges: int) -> Int64s:
    """How many random exchanges of each pairing give a difference at least as large as the observed one: (P,)."""
    units, runs, size = sums.shape
    random, flat = np.random.default_rng(SEED), sums.reshape(units, -1)
    total, extreme = sums.sum(0), np.zeros(len(pairings), dtype=np.int64)
    for count in _blocks(exchanges, max(units, runs * size)):
        bits = np.unpackbits(np.frombuffer(random.bytes(count * -(-units // 8)), dtype=np.uint8))
        chosen = bits.reshape(count, -1)[:, :units].astype(np.float64)  # (count, U)
        totals = (chosen @ flat).reshape(count, runs, size)
        for i, pairing in enumerate(pairings):
            moved = totals[:, pairing.second] - totals[:, pairing.first]  # (count, S, D)
            extreme[i] += np.count_nonzero(_extreme(total, formula, pairing, moved))
    return extreme


def _extreme(total: Float64s, formula: Formula, pairing: Pairing, moved: Float64s) -> Bools:
    """Whether the difference is at least as large as the observed one after each exchange: (count,).

    Args:
        total: float64 (M, D), the sums over all units.
        formula: (..., D) -> (...).
        pairing: the runs.
        moved: float64 (count, S, D), what each exchange adds to the first and takes from the second.
    """
    first, second, weights = total[pairing.first], total[pairing.second], pairing.weights  # (S, D) each, (S,)
    scores = formula(first), formula(second)  # (S,) each
    observed, rounding = abs((scores[0] - scores[1]) @ weights), CLOSE * np.abs(scores).max()
    found = np.abs((formula(first + moved) - formula(second - moved)) @ weights)  # (count,)
    return np.asarray(found >= observed - rounding)


def _blocks(total: int, width: int) -> Iterator[int]:
    """The sizes of blocks of resamples that fit into memory."""
    size = max(1, CELLS // max(1, width))
    for start in range(0, total, size):
        yield min(size, total - start)
