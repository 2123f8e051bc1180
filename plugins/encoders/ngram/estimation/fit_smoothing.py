"""A smoothing with the parameters that it takes from the counts or from held-out text."""

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

DELTA = 0.1  # of lidstone if there is no text to choose it on


def restore_smoothing(tables: Arrays) -> Smoothing:
    """An interpolated smoothing from its saved parameters.

    Args:
        tables: the arrays that ``fit_smoothing`` returns, perhaps among others.
    """
    if "weights" in tables:
        return JelinekMercer(tables["weights"])
    return Discounted(tables["discounts"]) if "discounts" in tables else WittenBell()


def fit_smoothing(
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
    """The smoothing and its fitted parameters.

    Args:
        name: the name of the smoothing.
        grams: the gram types, order 1 first.
        counts: int32 (G,) per order, the counts that probabilities are estimated from.
        dev: int32 (N,), whole rows of held-out text.
        notify: called with a message when a parameter is undefined and a fallback is used.
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
        table = np.array([discounts(name, n, c, notify) for n, c in enumerate(counts, 1)])
        return Discounted(table), {"discounts": table}
    return _fit_lidstone({"mle": 0.0, "laplace": 1.0}.get(name, delta), grams, dev)


def _fit_lidstone(delta: float | str, grams: Sequence[Grams], dev: Int32s) -> tuple[Smoothing, Arrays]:
    if delta == "auto":
        delta = held_out.delta(grams, dev) if len(dev) else DELTA
    return Lidstone(float(delta), len(grams[0])), {"delta": np.array(delta)}
