"""The smoothings: from the counts after each context to probabilities, and what is left to the order below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.types import Float64s, Int32s, Int64s

Notify = Callable[[str], None]
Answer = tuple[Float64s, Float64s]
Kept = npt.NDArray[np.bool_] | None

BUCKETS = 64  # of floor(log2(count)), more than a count can have
FALLBACK = {"kneser-ney": (0.5, 0.5, 0.5), "absolute": (0.5, 0.5, 0.5), "modified-kneser-ney": (0.5, 1.0, 1.5)}


class Smoothing:
    """One way to give unseen grams a share: P(w | h) = share(h w) + left(h) P(w | h').

    Every method is asked about some neighbouring contexts at a time.
    """

    top_only = False  # True: the orders below the highest say nothing but at the beginning of a row
    missing = 0.0  # see ``Trie.missing``

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Answer:
        """What each gram gets of its own, and what each context leaves to the order below.

        Args:
            k: the order of the grams.
            counts: int32 (M,), the grams' counts.
            owner: int64 (M,), the context of each, 0 to ``size - 1``.
            size: the number of contexts, each with at least one gram that was counted.

        Returns:
            float64 (M,) and float64 (size,).
        """
        raise NotImplementedError

    def estimate(self, k: int, counts: Int32s, owner: Int64s, size: int, lower: Float64s, kept: Kept) -> Answer:
        """Each gram's probability, and the weight of the order below after each context.

        Args:
            k: the order of the grams.
            counts: see ``share``.
            owner: see ``share``.
            size: see ``share``.
            lower: float64 (M,), the probability of each gram without its first symbol.
            kept: bool (M,), the grams that are not pruned; what the others had goes to the order below.
        """
        share, left = self.share(k, counts, owner, size)
        if kept is not None:
            left += np.bincount(owner, np.where(kept, 0.0, share), size)
        return share + left[owner] * lower, left


class Discounted(Smoothing):
    """A discount is taken from each count: absolute (Ney, Essen and Kneser, 1994) and Kneser-Ney (1995).

    Modified Kneser-Ney is Chen and Goodman (1998), equations 26 to 28.

    Args:
        discounts: float64 (orders, 3), what is taken from counts of 1, 2, and 3 or more.
    """

    def __init__(self, discounts: Float64s) -> None:
        self.table = np.concatenate([np.zeros((len(discounts), 1)), discounts], axis=1)  # (orders, 4)

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Answer:
        """See ``Smoothing.share``."""
        taken = self.table[k - 1][np.minimum(counts, 3)]
        total = np.bincount(owner, counts, size)
        left = np.bincount(owner, taken, size) / total
        return (counts - taken) / total[owner], left


class WittenBell(Smoothing):
    """As many unseen events as there are types after the context (Chen and Goodman, 1998, equation 15)."""

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Answer:
        """See ``Smoothing.share``."""
        types = np.bincount(owner, counts > 0, size)
        whole = np.bincount(owner, counts, size) + types
        return counts / whole[owner], types / whole


class JelinekMercer(Smoothing):
    """A mixture with the order below (Jelinek and Mercer, 1980).

    Args:
        weights: float64 (orders, BUCKETS), of the order's own by floor(log2(count of the context)).
    """

    def __init__(self, weights: Float64s) -> None:
        self.weights = weights

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Answer:
        """See ``Smoothing.share``."""
        total = np.bincount(owner, counts, size)
        weight = self.weights[k - 1][bucket(total)]
        return counts * (weight / total)[owner], 1 - weight


class Lidstone(Smoothing):
    """``delta`` is added to every count of the highest order: laplace with 1, none with 0.

    Args:
        delta: what is added.
        vocab_size: to how many symbols.
    """

    top_only = True

    def __init__(self, delta: float, vocab_size: int) -> None:
        self.added = delta * vocab_size

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Answer:
        """See ``Smoothing.share``."""
        whole = np.bincount(owner, counts, size) + self.added
        return counts / whole[owner], np.asarray(self.added / whole)


class Katz(Smoothing):
    """Good-Turing below a count, back-off to the order below for what is unseen (Katz, 1987).

    Args:
        ratios: float64 (orders, k + 1), what a count is multiplied by; 1 above k.
    """

    def __init__(self, ratios: Float64s) -> None:
        self.ratios = np.concatenate([ratios, np.ones((len(ratios), 1))], axis=1)  # (orders, k + 2)

    def estimate(self, k: int, counts: Int32s, owner: Int64s, size: int, lower: Float64s, kept: Kept) -> Answer:
        """See ``Smoothing.estimate``; a context that leaves nothing is given one more, unseen, event."""
        total = np.bincount(owner, counts, size)
        if k == 1:
            unseen = int(np.count_nonzero(counts == 0))
            return np.maximum(counts, 1 / max(1, unseen)) / (total + (unseen > 0)), np.zeros(size)
        own = counts * self.ratios[k - 1][np.minimum(counts, self.ratios.shape[1] - 1)]
        total += np.bincount(owner, own, size) >= total * (1 - 1e-12)
        probs = own / total[owner]
        stays = probs if kept is None else np.where(kept, probs, 0.0)
        left = 1 - np.bincount(owner, stays, size)
        below = 1 - np.bincount(owner, lower if kept is None else np.where(kept, lower, 0.0), size)
        open_ = below > 1e-9  # else every symbol is after the context, or none of the others is ever seen
        probs = np.where(open_[owner], probs, probs / (1 - left)[owner])
        return probs, np.divide(left, below, out=np.zeros(size), where=open_)


class StupidBackoff(Smoothing):
    """Relative frequency, or a fixed part of the order below's score (Brants et al., 2007, equation 5).

    Args:
        weight: that part.
    """

    def __init__(self, weight: float) -> None:
        self.weight, self.missing = weight, float(np.log(weight))

    def estimate(self, k: int, counts: Int32s, owner: Int64s, size: int, lower: Float64s, kept: Kept) -> Answer:
        """See ``Smoothing.estimate``."""
        scores = counts / np.bincount(owner, counts, size)[owner]
        return np.where(counts > 0, scores, self.weight * lower), np.full(size, self.weight)


def bucket(totals: npt.NDArray[Any]) -> Int64s:
    """floor(log2(total)) of counts of at least 1, int64."""
    return np.asarray(np.frexp(totals)[1] - 1, dtype=np.int64)


def counts_of_counts(counts: Int32s, most: int) -> Int64s:
    """How many grams were counted 0, 1, ... ``most`` times, int64 (most + 1,)."""
    found = np.zeros(most + 2, dtype=np.int64)
    for i in range(0, len(counts), 1 << 20):
        found += np.bincount(np.minimum(counts[i : i + (1 << 20)], most + 1), minlength=most + 2)
    return found[:-1]


def discounts(name: str, k: int, counts: Int32s, notify: Notify) -> tuple[float, float, float]:
    """What is taken from counts of 1, 2, and 3 or more.

    Args:
        name: the smoothing.
        k: the order.
        counts: int32 (G,).
        notify: is told where the closed form gives nothing usable, and the fallback is taken.
    """
    _, n1, n2, n3, n4 = (int(n) for n in counts_of_counts(counts, 4))
    if not len(counts):
        return FALLBACK[name]
    if name != "modified-kneser-ney":
        discount = n1 / max(1, n1 + 2 * n2)
        if 0 < discount < 1:
            return discount, discount, discount
        told = (
            f"{n1} grams counted once and {n2} counted twice, which give no discount; {FALLBACK[name][0]} is used"
        )
    else:
        if n1 and n2 and n3:
            y = n1 / (n1 + 2 * n2)
            three = 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3
            if all(0 <= d <= j for j, d in enumerate(three, 1)):
                return three
            told = f"discounts {', '.join(f'{d:.3g}' for d in three)} out of their range"
        else:
            told = f"{n1}, {n2} and {n3} grams counted once, twice and three times, which give no discounts"
        told += "; {}, {} and {} are used".format(*FALLBACK[name])
    notify(f"{name}: order {k} has {told}")
    return FALLBACK[name]


def good_turing(k: int, most: int, counts: Int32s, notify: Notify) -> Float64s:
    """What counts 0 to ``most`` are multiplied by, float64 (most + 1,).

    r* / r where r* = (r + 1) n_{r+1} / n_r, spread so that counts above ``most`` keep all of theirs (Katz, 1987).
    """
    n = counts_of_counts(counts, most + 1).astype(np.float64)
    r = np.arange(1, most + 1)
    with np.errstate(all="ignore"):
        beyond = (most + 1) * n[most + 1] / n[1]
        ratios = ((r + 1) * n[2:] / (r * n[1:-1]) - beyond) / (1 - beyond)
    usable = np.isfinite(ratios) & (ratios > 0) & (ratios <= 1)
    if len(counts) and not usable.all():
        notify(
            f"katz: order {k} gives no usable ratio for the counts {r[~usable].tolist()}; they are not discounted"
        )
    return np.concatenate([[1.0], np.where(usable, ratios, 1.0)])
