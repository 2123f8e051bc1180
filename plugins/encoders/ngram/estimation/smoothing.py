"""Smoothing methods: from the counts after each context to probabilities and the weight of the order below."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.types import Array, Bools, Float64s, Int32s, Int64s

Notify = Callable[[str], None]
Estimates = tuple[Float64s, Float64s]
Kept = Bools | None

BUCKETS = 64  # of floor(log2(count)), more than an int64 count needs
FALLBACK = {"kneser-ney": (0.5, 0.5, 0.5), "absolute": (0.5, 0.5, 0.5), "modified-kneser-ney": (0.5, 1.0, 1.5)}


class Smoothing:
    """A method that reserves probability for unseen grams: P(w | h) = share(h w) + left(h) P(w | h').

    The methods work on a range of contexts at a time.
    """

    top_only = False  # True: the orders below the highest are only used at the start of a row
    missing = 0.0  # see ``Trie.missing``

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Estimates:
        """The probability that each gram gets from its own count, and the rest that goes to the order below.

        Args:
            k: the order of the grams.
            counts: int32 (M,), the counts of the grams.
            owner: int64 (M,), the context of each gram, 0 to ``size - 1``.
            size: the number of contexts, each with at least one counted gram.

        Returns:
            float64 (M,) and float64 (size,).
        """
        raise NotImplementedError

    def estimate(self, k: int, counts: Int32s, owner: Int64s, size: int, lower: Float64s, kept: Kept) -> Estimates:
        """The probability of each gram, and the weight of the order below after each context.

        Args:
            k: the order of the grams.
            counts: see ``share``.
            owner: see ``share``.
            size: see ``share``.
            lower: float64 (M,), the probability of each gram without its first symbol.
            kept: bool (M,), the grams that are not pruned; the share of the others goes to the order below.
        """
        share, left = self.share(k, counts, owner, size)
        if kept is not None:
            left += np.bincount(owner, np.where(kept, 0.0, share), size)
        return share + left[owner] * lower, left


class Discounted(Smoothing):
    """A discount is subtracted from each count: absolute (Ney, Essen and Kneser, 1994) and Kneser-Ney (1995).

    Modified Kneser-Ney is Chen and Goodman (1998), equations 26 to 28.

    Args:
        discounts: float64 (orders, 3), the discounts of counts of 1, 2, and 3 or more.
    """

    def __init__(self, discounts: Float64s) -> None:
        self.table = np.concatenate([np.zeros((len(discounts), 1)), discounts], axis=1)  # (orders, 4)

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Estimates:
        """See ``Smoothing.share``."""
        discounted = self.table[k - 1][np.minimum(counts, 3)]
        total = np.bincount(owner, counts, size)
        left = np.bincount(owner, discounted, size) / total
        return (counts - discounted) / total[owner], left


class WittenBell(Smoothing):
    """As many unseen events as there are types after the context (Chen and Goodman, 1998, equation 15)."""

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Estimates:
        """See ``Smoothing.share``."""
        types = np.bincount(owner, counts > 0, size)
        whole = np.bincount(owner, counts, size) + types
        return counts / whole[owner], types / whole


class JelinekMercer(Smoothing):
    """Linear interpolation with the order below (Jelinek and Mercer, 1980).

    Args:
        weights: float64 (orders, BUCKETS), the weight of the order itself by floor(log2(count of the context)).
    """

    def __init__(self, weights: Float64s) -> None:
        self.weights = weights

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Estimates:
        """See ``Smoothing.share``."""
        total = np.bincount(owner, counts, size)
        weight = self.weights[k - 1][bucket(total)]
        return counts * (weight / total)[owner], 1 - weight


class Lidstone(Smoothing):
    """``delta`` is added to every count of the highest order; 1 is laplace, 0 is mle.

    Args:
        delta: the number that is added.
        vocab_size: the number of symbols.
    """

    top_only = True

    def __init__(self, delta: float, vocab_size: int) -> None:
        self.added = delta * vocab_size

    def share(self, k: int, counts: Int32s, owner: Int64s, size: int) -> Estimates:
        """See ``Smoothing.share``."""
        whole = np.bincount(owner, counts, size) + self.added
        return counts / whole[owner], np.asarray(self.added / whole)


class Katz(Smoothing):
    """Good-Turing discounts up to a count of k, back-off to the order below for unseen grams (Katz, 1987).

    Args:
        ratios: float64 (orders, k + 1), the factor of each count; counts above k have the factor 1.
    """

    def __init__(self, ratios: Float64s) -> None:
        self.ratios = np.concatenate([ratios, np.ones((len(ratios), 1))], axis=1)  # (orders, k + 2)

    def estimate(self, k: int, counts: Int32s, owner: Int64s, size: int, lower: Float64s, kept: Kept) -> Estimates:
        """See ``Smoothing.estimate``; a context that leaves no probability gets one additional unseen event."""
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
        open_ = below > 1e-9  # else every symbol follows the context, or all others have probability 0
        probs = np.where(open_[owner], probs, probs / (1 - left)[owner])
        return probs, np.divide(left, below, out=np.zeros(size), where=open_)


class StupidBackoff(Smoothing):
    """Relative frequency, or the weighted score of the order below (Brants et al., 2007, equation 5).

    Args:
        weight: the weight of the order below.
    """

    def __init__(self, weight: float) -> None:
        self.weight, self.missing = weight, float(np.log(weight))

    def estimate(self, k: int, counts: Int32s, owner: Int64s, size: int, lower: Float64s, kept: Kept) -> Estimates:
        """See ``Smoothing.estimate``."""
        scores = counts / np.bincount(owner, counts, size)[owner]
        return np.where(counts > 0, scores, self.weight * lower), np.full(size, self.weight)


def bucket(totals: Array) -> Int64s:
    """floor(log2(total)) of counts of at least 1, int64."""
    return np.asarray(np.frexp(totals)[1] - 1, dtype=np.int64)


def counts_of_counts(counts: Int32s, most: int) -> Int64s:
    """The number of grams with counts 0, 1, ... ``most``, int64 (most + 1,)."""
    totals = np.zeros(most + 2, dtype=np.int64)
    for i in range(0, len(counts), 1 << 20):
        totals += np.bincount(np.minimum(counts[i : i + (1 << 20)], most + 1), minlength=most + 2)
    return totals[:-1]


def discounts(name: str, k: int, counts: Int32s, notify: Notify) -> tuple[float, float, float]:
    """The discounts of counts of 1, 2, and 3 or more.

    Args:
        name: the smoothing.
        k: the order.
        counts: int32 (G,).
        notify: called with a message if the closed form is undefined and the fallback is used.
    """
    _, n1, n2, n3, n4 = (int(n) for n in counts_of_counts(counts, 4))
    if not len(counts):
        return FALLBACK[name]
    if name != "modified-kneser-ney":
        discount = n1 / max(1, n1 + 2 * n2)
        if 0 < discount < 1:
            return discount, discount, discount
        reason = f"{n1} grams counted once and {n2} counted twice, so the discount is undefined"
        notify(f"{name}: order {k} has {reason}; {FALLBACK[name][0]} is used")
        return FALLBACK[name]
    if n1 and n2 and n3:
        y = n1 / (n1 + 2 * n2)
        three = 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3
        if all(0 <= d <= j for j, d in enumerate(three, 1)):
            return three
        reason = f"the discounts {', '.join(f'{d:.3g}' for d in three)}, which are out of range"
    else:
        reason = f"{n1}, {n2} and {n3} grams counted once, twice and three times, so the discounts are undefined"
    notify(f"{name}: order {k} has {reason}; " + "{}, {} and {} are used".format(*FALLBACK[name]))
    return FALLBACK[name]


def good_turing(k: int, most: int, counts: Int32s, notify: Notify) -> Float64s:
    """The factors of counts 0 to ``most``, float64 (most + 1,).

    r* / r where r* = (r + 1) n_{r+1} / n_r, scaled so that counts above ``most`` are not discounted (Katz, 1987).
    """
    n = counts_of_counts(counts, most + 1).astype(np.float64)
    r = np.arange(1, most + 1)
    with np.errstate(all="ignore"):
        beyond = (most + 1) * n[most + 1] / n[1]
        ratios = ((r + 1) * n[2:] / (r * n[1:-1]) - beyond) / (1 - beyond)
    usable = np.isfinite(ratios) & (ratios > 0) & (ratios <= 1)
    if len(counts) and not usable.all():
        counted = r[~usable].tolist()
        notify(f"katz: order {k} has no valid Good-Turing ratio for the counts {counted}; they are not discounted")
    return np.concatenate([[1.0], np.where(usable, ratios, 1.0)])
