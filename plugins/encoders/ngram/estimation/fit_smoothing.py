"""A smoothing with all that it needs to know of the counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.types import Arrays, Int32s
from plugins.encoders.ngram.counting.counts import Grams
from plugins.encoders.ngram.estimation import held_out
from plugins.encoders.ngram.estimation.smoothing import (
    FALLBACK,
    Discounted,
    JelinekMercer,
    Katz,
    Lidstone,
    Notify,
    Smoothing,
    StupidBackoff,
    WittenBell,
    discounts,
    good_turing,
)

DELTA = 0.1  # of lidstone where there is no text to choose it by


def learned(tables: Arrays) -> Smoothing:
    """An interpolated smoothing again, from what ``learn`` returned beside it.

    Args:
        tables: of ``learn``, perhaps with others.
    """
    if "weights" in tables:
        return JelinekMercer(tables["weights"])
    return Discounted(tables["discounts"]) if "discounts" in tables else WittenBell()


def learn(
    name: str,
    grams: Sequence[Grams],
    counts: Sequence[Int32s],
    dev: Int32s,
    notify: Notify,
    *,
    delta: float | str,
    weights: str,
    k: int,
    backoff: float,
) -> tuple[Smoothing, Arrays]:
    """The smoothing, and what it has learned.

    Args:
        name: which.
        grams: the gram types, order 1 first.
        counts: int32 (G,) an order, what probabilities are made from.
        dev: int32 (N,), whole rows of held-out text.
        notify: is told what had to be made up.
        delta: what lidstone adds; auto: chosen on ``dev``.
        weights: of jelinek-mercer, ``order`` or ``bucket``.
        k: the highest count that katz discounts.
        backoff: the weight of stupid-backoff.
    """
    if name == "witten-bell":
        return WittenBell(), {}
    if name == "stupid-backoff":
        return StupidBackoff(backoff), {}
    if name == "jelinek-mercer":
        table = held_out.weights(grams, dev, weights == "bucket")
        return JelinekMercer(table), {"weights": table}
    if name == "katz":
        higher = [good_turing(n, k, c, notify) for n, c in enumerate(counts[1:], 2)]
        ratios = np.array([np.ones(k + 1), *higher])  # order 1 is not discounted
        return Katz(ratios), {"ratios": ratios}
    if name in FALLBACK:
        taken = np.array([discounts(name, n, c, notify) for n, c in enumerate(counts, 1)])
        return Discounted(taken), {"discounts": taken}
    fixed = {"mle": 0.0, "laplace": 1.0}.get(name, delta)
    if fixed == "auto":
        fixed = held_out.delta(grams, dev) if len(dev) else DELTA
    return Lidstone(float(fixed), len(grams[0])), {"delta": np.array(fixed)}
