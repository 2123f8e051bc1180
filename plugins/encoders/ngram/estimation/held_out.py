"""Parameters that are fitted on held-out text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.types import Array, Bools, Float64s, Int32s, Int64s
from plugins.encoders.ngram.counting.counts import Grams
from plugins.encoders.ngram.estimation.smoothing import BUCKETS, bucket
from plugins.encoders.ngram.level import Level
from plugins.encoders.ngram.trie import Trie, reach

DELTAS = 10.0 ** (np.arange(-40, 1) / 10)
ROUNDS, ENOUGH = 500, 1e-10  # EM iterations at most; gain per token below which EM stops
START, LEAST = 0.5, 1e-6  # the initial weight; the smallest distance of a weight from 0 and 1


class HeldOutCounts:
    """The training counts of each event of a held-out text and of its context, per order.

    Args:
        grams: the counts, order 1 first.
        values: int32 (N,), whole rows.

    Attributes:
        counts: int64 (orders, N), of the gram that ends at each event; 0 for unseen grams.
        totals: int64 (orders, N), of the grams that start with its context; 0 for unseen contexts.
        reach: int64 (N,), symbols before each event in its row, the start mark included.
    """

    def __init__(self, grams: Sequence[Grams], values: Int32s) -> None:
        self.counts = np.zeros((len(grams), len(values)), dtype=np.int64)
        self.totals = np.zeros_like(self.counts)
        self.counts[0], self.totals[0] = grams[0].counts[values], grams[0].counts.sum()
        self.reach = reach(values)
        last = np.zeros(0, dtype=np.int32)
        below = [gram.children for gram in grams[1:]] + [last]
        trie = Trie([Level(gram.words, children) for gram, children in zip(grams, below, strict=True)])
        for k, contexts, places in trie.walk(values):
            gram = grams[k - 1]
            known = contexts >= 0
            self.totals[k - 1, known] = _totals(gram, contexts[known])
            self.counts[k - 1] = _take(places, gram.counts)


def _totals(gram: Grams, contexts: Int64s) -> Int64s:
    """The total count of the grams that start with each context, int64 (M,)."""
    unique, inverse = np.unique(contexts, return_inverse=True)
    begin, end = gram.children[unique], gram.children[unique + 1]
    some = np.flatnonzero(begin < end)
    sums = np.zeros(len(unique), dtype=np.int64)
    if len(some):  # every second sum is of the contexts between two of these
        edges = np.stack([begin[some], end[some]], axis=1).ravel()
        inside = edges[:-1] if edges[-1] == len(gram) else edges
        sums[some] = np.add.reduceat(gram.counts, inside, dtype=np.int64)[::2]
    return sums[inverse]


def _take(places: Int64s, numbers: Array) -> Int64s:
    """``numbers[places]``, 0 where the place is -1."""
    taken = np.zeros(len(places), dtype=np.int64)
    known = np.flatnonzero(places >= 0)
    taken[known] = numbers[places[known]]
    return taken


def delta(grams: Sequence[Grams], values: Int32s) -> float:
    """The delta of lidstone with the highest held-out likelihood, of ten values per decade from 0.0001 to 1.

    Args:
        grams: the counts, order 1 first.
        values: int32 (N,), the held-out text.
    """
    held_out, size = HeldOutCounts(grams, values), len(grams[0])
    top = np.minimum(held_out.reach, len(grams) - 1)  # the first events of a row have shorter histories
    counts, totals = (table[top, np.arange(len(values))] for table in (held_out.counts, held_out.totals))
    likelihoods = [np.log((counts + d) / (totals + d * size)).sum() for d in DELTAS]
    return float(DELTAS[int(np.argmax(likelihoods))])


def weights(grams: Sequence[Grams], values: Int32s, bucketed: bool) -> Float64s:
    """The weights of jelinek-mercer, by expectation maximisation (Jelinek and Mercer, 1980).

    Args:
        grams: the counts, order 1 first.
        values: int32 (N,), the held-out text.
        bucketed: one weight per order and floor(log2(count of the context)); else one per order.

    Returns:
        float64 (orders, BUCKETS).
    """
    held_out = HeldOutCounts(grams, values)
    known = held_out.totals > 0
    own = held_out.counts / np.maximum(held_out.totals, 1)
    buckets = bucket(np.maximum(held_out.totals, 1)) if bucketed else np.zeros_like(held_out.totals)
    table, before = np.full((len(grams), BUCKETS), START), -np.inf
    for _ in range(ROUNDS):
        table, likelihood = _em_step(table, own, buckets, known, 1 / len(grams[0]))
        if likelihood - before <= ENOUGH * len(values):
            break
        before = likelihood
    if not bucketed:
        table[:] = table[:, :1]
    return table


def _em_step(
    table: Float64s, own: Float64s, buckets: Int64s, known: Bools, uniform: float
) -> tuple[Float64s, float]:
    """One iteration of EM: the new weights, and the log-likelihood under the old ones."""
    weight = np.where(known, np.take_along_axis(table, buckets, axis=1), 0.0)  # (orders, N)
    probs = [np.full(own.shape[1], uniform)]
    for mine, ml in zip(weight, own, strict=True):
        probs.append(mine * ml + (1 - mine) * probs[-1])
    updated, reached = table.copy(), np.ones(own.shape[1])
    for k in range(len(table) - 1, -1, -1):
        stopped = reached * weight[k] * own[k] / probs[k + 1]
        total = np.bincount(buckets[k], reached * known[k], BUCKETS)
        expected = np.bincount(buckets[k], stopped, BUCKETS)
        np.divide(expected, total, out=updated[k], where=total > 0)
        reached = reached - stopped
    return updated.clip(LEAST, 1 - LEAST), float(np.log(probs[-1]).sum())
