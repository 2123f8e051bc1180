"""How an n-gram model computes the probabilities of the next word, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.data.vocab import END, START
from core.types import Bools, Float64s, Int32s, Int64s, Table
from plugins.encoders.ngram.trie import Trie

NONE = "-"
CONTEXTS = ("order", "context", "seen", "next types", "discount 1", "2", "3+", "back-off")
NEXT = ("next word", "P", "order", "back-off", "P there", "own share", "from below")


@dataclass(frozen=True)
class Step:
    """The distribution of one order after its part of the context.

    Args:
        k: the order.
        context: the index of the context in order ``k - 1``; -1 if it is unseen.
        log_probs: float64 (V,), the whole distribution of this order, lower orders included.
        own: bool (V,), the words that this order has a gram for.
        counts: int64 (V,), the counts of those grams; of size 0 if they are not known.
        weight: natural log of the back-off weight of the order below.
    """

    k: int
    context: int
    log_probs: Float64s
    own: Bools
    counts: Int64s
    weight: float


def steps(trie: Trie, history: Int32s) -> list[Step]:
    """The distribution of the next symbol under each order, order 1 first.

    Args:
        trie: the model.
        history: int32 (n,), the symbols before it; END is the start mark.
    """
    first, size = trie.levels[0], trie.vocab_size
    found = [
        Step(1, 0, first.log_probs.astype(np.float64), np.ones(size, bool), first.counts.astype(np.int64), 0.0)
    ]
    for k in range(2, min(trie.order, len(history) + 1) + 1):
        context = int(history[-(k - 1)])
        for j in range(2, k):
            symbol = history[-(k - j)]
            context = int(trie.find(j, np.array([context]), np.array([symbol]))[0])
        found.append(_step(trie, k, context, found[-1].log_probs))
    return found


def _step(trie: Trie, k: int, context: int, below: Float64s) -> Step:
    level, lower = trie.levels[k - 1], trie.levels[k - 2]
    own, counts = np.zeros(len(below), bool), np.zeros(len(below) * bool(len(level.counts)), np.int64)
    weight = float(lower.backoffs[context]) if context >= 0 else trie.missing
    log_probs = below + weight
    if context >= 0:
        grams = slice(int(lower.children[context]), int(lower.children[context + 1]))
        words = level.words[grams]
        own[words], log_probs[words] = True, level.log_probs[grams]
        if len(counts):
            counts[words] = level.counts[grams]
    return Step(k, context, log_probs, own, counts, weight)


def explain(
    trie: Trie,
    discounts: Float64s,
    floor: Float64s | None,
    history: Int32s,
    words: Sequence[str],
    limit: int,
) -> list[Table]:
    """Two tables: the context at each order, and the most probable next words.

    Args:
        trie: the model.
        discounts: float64 (order, 3), NaN without discounts.
        floor: float64 (V,), the part of order 1 that comes from the base distribution; None if the smoothing is
            not interpolated.
        history: int32 (n,), the symbols before the next word; END is the start mark.
        words: the word of each id.
        limit: how many next words are shown.
    """
    history = history[max(0, len(history) - trie.order + 1) :]
    orders = steps(trie, history)
    context = [START if i == END else words[i] for i in history.tolist()]
    contexts = [_context_row(step, discounts[step.k - 1], context) for step in reversed(orders)]
    counts = tuple(f"count {step.k}" for step in reversed(orders)) if len(trie.levels[0].counts) else ()
    best = np.argsort(-orders[-1].log_probs, kind="stable")[:limit]
    rows = [_word_row(orders, i, words[i], floor) for i in best.tolist()]
    title = f"after '{' '.join(context)}': P = back-off * P there, where the order has the gram; "
    title += "P there = own share + from below"
    return [
        Table("what each order knows of the context", CONTEXTS, contexts),
        Table(title, (*NEXT, *counts), rows),
    ]


def _context_row(step: Step, discounts: Float64s, words: list[str]) -> tuple[str | int, ...]:
    context = " ".join(words[len(words) - step.k + 1 :]) or "(none)"
    if step.context < 0:
        return (step.k, context, "not seen", *[NONE] * 4, _short(np.exp(step.weight)))
    seen, types = (int(step.counts.sum()), np.count_nonzero(step.counts)) if len(step.counts) else (NONE, NONE)
    columns = [NONE if np.isnan(d) else f"{d:.4f}" for d in discounts.tolist()]
    if types == NONE:
        types = np.count_nonzero(step.own)
    return (step.k, context, seen, types, *columns, _short(np.exp(step.weight)) if step.k > 1 else NONE)


def _word_row(orders: list[Step], i: int, word: str, floor: Float64s | None) -> tuple[str | int, ...]:
    """A word: P = back-off * P there, and P there = own share + from below."""
    whole = np.exp(orders[-1].log_probs[i])
    at = max(step.k for step in orders if step.own[i])
    there, backoff = np.exp(orders[at - 1].log_probs[i]), np.exp(sum(step.weight for step in orders[at:]))
    own = below = NONE
    if floor is not None:
        lower = floor[i] if at == 1 else np.exp(orders[at - 2].log_probs[i] + orders[at - 1].weight)
        share = there - lower  # both are float32: a much smaller difference is rounding
        own, below = _short(share if share > 1e-6 * there else 0.0), _short(lower)
    counts = [int(step.counts[i]) for step in reversed(orders) if len(step.counts)]
    return (word, _short(whole), at, _short(backoff), _short(there), own, below, *counts)


def _short(value: float) -> str:
    return f"{value:.6f}" if value >= 1e-4 or value == 0 else f"{value:.2e}"
