"""Weights that are set on held-out text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.types import Float64s, Int32s, Int64s
from plugins.encoders.ngram.counting.counts import Grams
from plugins.encoders.ngram.estimation.smoothing import BUCKETS, bucket
from plugins.encoders.ngram.trie import Level, Trie, reach

DELTAS = 10.0 ** (np.arange(-40, 1) / 10)
ROUNDS, ENOUGH = 500, 1e-10  # of EM, and the gain a token below which it ends
START, LEAST = 0.5, 1e-6  # a weight before the first round; how near to 0 and 1 it may come


class Seen:
    """How often each event of a held-out text, and its context, were counted, order by order.

    Args:
        grams: the counts, order 1 first.
        values: int32 (N,), whole rows.

    Attributes:
        counts: int64 (orders, N), of the gram that ends at each event; 0 where there is none.
        totals: int64 (orders, N), of what followed its context; 0 where there is none.
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
            self.counts[k - 1] = _where(places, gram.counts)


def _totals(gram: Grams, contexts: Int64s) -> Int64s:
    """How often some contexts were followed by anything, int64 (M,)."""
    asked, of = np.unique(contexts, return_inverse=True)
    begin, end = gram.children[asked], gram.children[asked + 1]
    some = np.flatnonzero(begin < end)
    sums = np.zeros(len(asked), dtype=np.int64)
    if len(some):  # between two contexts stand others, so every second sum is dropped
        edges = np.stack([begin[some], end[some]], axis=1).ravel()
        inside = edges[:-1] if edges[-1] == len(gram) else edges
        sums[some] = np.add.reduceat(gram.counts, inside, dtype=np.int64)[::2]
    return sums[of]


def _where(places: Int64s, numbers: npt.NDArray[np.integer]) -> Int64s:
    """``numbers[places]``, 0 where the place is -1."""
    found = np.zeros(len(places), dtype=np.int64)
    known = np.flatnonzero(places >= 0)
    found[known] = numbers[places[known]]
    return found


def delta(grams: Sequence[Grams], values: Int32s) -> float:
    """What lidstone adds: of ten values a decade from 0.0001 to 1, the one that makes a held-out text likeliest.

    Args:
        grams: the counts, order 1 first.
        values: int32 (N,), the held-out text.
    """
    seen, size = Seen(grams, values), len(grams[0])
    top = np.minimum(seen.reach, len(grams) - 1)  # the first events of a row have shorter histories
    counts, totals = (table[top, np.arange(len(values))] for table in (seen.counts, seen.totals))
    likelihoods = [np.log((counts + d) / (totals + d * size)).sum() for d in DELTAS]
    return float(DELTAS[int(np.argmax(likelihoods))])


def weights(grams: Sequence[Grams], values: Int32s, bucketed: bool) -> Float64s:
    """The weights of jelinek-mercer, by expectation maximisation (Jelinek and Mercer, 1980).

    Args:
        grams: the counts, order 1 first.
        values: int32 (N,), the held-out text.
        bucketed: one weight for each floor(log2(count of the context)) of an order, else one an order.

    Returns:
        float64 (orders, BUCKETS).
    """
    seen = Seen(grams, values)
    known = seen.totals > 0
    own = seen.counts / np.maximum(seen.totals, 1)
    buckets = bucket(np.maximum(seen.totals, 1)) if bucketed else np.zeros_like(seen.totals)
    table, before = np.full((len(grams), BUCKETS), START), -np.inf
    for _ in range(ROUNDS):
        table, likelihood = _round(table, own, buckets, known, 1 / len(grams[0]))
        if likelihood - before <= ENOUGH * len(values):
            break
        before = likelihood
    if not bucketed:
        table[:] = table[:, :1]
    return table


def _round(
    table: Float64s, own: Float64s, buckets: Int64s, known: npt.NDArray[np.bool_], uniform: float
) -> tuple[Float64s, float]:
    """One round of EM: the new weights, and the log-likelihood under the old."""
    weight = np.where(known, np.take_along_axis(table, buckets, axis=1), 0.0)  # (orders, N)
    probs = [np.full(own.shape[1], uniform)]
    for mine, ml in zip(weight, own, strict=True):
        probs.append(mine * ml + (1 - mine) * probs[-1])
    fresh, reached = table.copy(), np.ones(own.shape[1])
    for k in range(len(table) - 1, -1, -1):
        stopped = reached * weight[k] * own[k] / probs[k + 1]
        asked = np.bincount(buckets[k], reached * known[k], BUCKETS)
        answered = np.bincount(buckets[k], stopped, BUCKETS)
        np.divide(answered, asked, out=fresh[k], where=asked > 0)
        reached = reached - stopped
    return fresh.clip(LEAST, 1 - LEAST), float(np.log(probs[-1]).sum())
