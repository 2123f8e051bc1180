"""N-gram models: Lidstone, Witten-Bell and Kneser-Ney, interpolated, done with whole arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Gt

from core.context import Arrays, Context
from core.counting.contract import CountModel
from core.data.corpus import Ragged
from core.data.vocab import END
from core.errors import StoreError

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Smoothing = Literal["lidstone", "witten-bell", "kneser-ney"]

DEFAULTS: dict[str, Any] = {"order": 3, "smoothing": "kneser-ney", "delta": 0.1}
DELTAS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
FALLBACK_DISCOUNT = 0.5  # where n1 and n2 give none, as KenLM's --discount_fallback


@dataclass(frozen=True)
class Grams:
    """The gram types of one order; as context, a gram goes by its place here.

    Args:
        keys: int64 (G,), context (a gram of the order below) * vocabulary + word, ascending.
        counts: int64 (G,), how often each occurred.
        shorter: int64 (G,), the gram of the order below that lacks the first symbol.
        first: bool (G,), whether it begins with the start mark.
    """

    keys: Int64s
    counts: Int64s
    shorter: Int64s
    first: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Level:
    """What one order above the first has learned.

    Args:
        keys: int64 (G,), as in ``Grams``.
        log_probs: float64 (G,), interpolated; NaN where this order says nothing about the gram.
        backoffs: float64 (grams of the order below,), the log weight of the order below after each context.
    """

    keys: Int64s
    log_probs: Float64s
    backoffs: Float64s


class NGram(CountModel):
    """The distribution of a symbol given the ``order - 1`` before it, interpolated down to the uniform one.

    The start mark stands once before a row, so the first histories of a row are shorter. Kneser-Ney (Kneser and
    Ney, 1995; interpolated as in Chen and Goodman, 1998, eq. 26) has one discount an order; Witten-Bell is Chen
    and Goodman's eq. 15; Lidstone is (c(h, w) + delta) / (c(h) + delta * vocabulary) at the highest order alone.

    Args:
        vocab_size: the number of ids.
        order: symbols in the longest gram, the predicted one included; auto: 1 to 5, chosen on dev.
        smoothing: how mass reaches unseen grams; auto: chosen on dev.
        delta: what lidstone adds to each count; auto: chosen on dev (the other smoothings do not use it).
    """

    def __init__(
        self,
        vocab_size: int,
        *,
        order: Annotated[int, Ge(1)] | Literal["auto"] = "auto",
        smoothing: Literal["auto", "lidstone", "witten-bell", "kneser-ney"] = "auto",
        delta: Annotated[float, Gt(0)] | Literal["auto"] = "auto",
    ) -> None:
        super().__init__(vocab_size)
        self.order: int = DEFAULTS["order"] if order == "auto" else order
        self.smoothing: Smoothing = DEFAULTS["smoothing"] if smoothing == "auto" else smoothing
        self.delta: float = DEFAULTS["delta"] if delta == "auto" else delta
        self.context_size = self.order - 1
        self.unigram: Float64s = np.full(vocab_size, -np.log(vocab_size))
        self.levels: list[Level] = []
        self.types = np.zeros(self.order, dtype=np.int64)
        self.discounts = np.full(self.order, np.nan)

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Orders 1 to 5 of each smoothing; lidstone up to order 3 (longer contexts only lose) for each delta."""
        order, smoothing, delta = (options.get(key, "auto") for key in DEFAULTS)
        found = []
        for way in ("kneser-ney", "witten-bell", "lidstone") if smoothing == "auto" else (smoothing,):
            plain = way != "lidstone"
            deltas = DELTAS if not plain and delta == "auto" else (delta,)
            orders = range(1, 6) if plain else range(1, 4)
            for n in orders if order == "auto" else (order,):
                found += [{**options, "order": n, "smoothing": way, "delta": d} for d in deltas]
        return found

    def fit(self, rows: Ragged, dev: Ragged, context: Context) -> None:
        """Count the rows and set every probability; ``dev`` is not looked at."""
        grams = list(_count(rows.values.astype(np.int64), self.vocab_size, self.order))
        self.types = np.array([np.count_nonzero(g.counts) for g in grams])
        self.discounts = np.full(self.order, np.nan)
        lower, self.levels = np.full(1, 1 / self.vocab_size), []
        for k, gram in enumerate(grams, 1):
            counts = self._adjusted(grams, k)
            if self.smoothing == "kneser-ney":
                self.discounts[k - 1] = _discount(counts, k, context)
            contexts = gram.keys // self.vocab_size
            share, backoff = self._shares(counts, contexts, k, len(grams[k - 2].keys) if k > 1 else 1)
            probs = share + backoff[contexts] * lower[gram.shorter]
            if self.smoothing == "lidstone":
                lower = np.full(len(probs), 1 / self.vocab_size)
                if k < self.order:  # only a row's first grams are read at this order
                    used = gram.first & (k > 1)
                    backoff = np.where(np.bincount(contexts, used, len(backoff)) > 0, backoff, 1.0)
                    probs = np.where(used, probs, lower if k == 1 else np.nan)
            else:
                lower = probs
            if k == 1:
                self.unigram = np.log(probs)
            else:
                self.levels.append(Level(gram.keys, np.log(probs), np.log(backoff)))

    def _adjusted(self, grams: list[Grams], k: int) -> Int64s:
        """The counts of order ``k`` that probabilities are made from, (G,)."""
        if self.smoothing != "kneser-ney" or k == self.order:
            return grams[k - 1].counts
        lefts = np.bincount(grams[k].shorter, minlength=len(grams[k - 1].keys))
        return np.where(grams[k - 1].first, grams[k - 1].counts, lefts)

    def _shares(self, counts: Int64s, contexts: Int64s, k: int, size: int) -> tuple[Float64s, Float64s]:
        """Each gram's own share (G,), and what each context leaves to the order below (size,)."""
        total = np.bincount(contexts, counts, size)
        types = np.bincount(contexts, counts > 0, size)
        taken, left = 0.0, types
        if self.smoothing == "kneser-ney":
            taken = self.discounts[k - 1]
            left, total = taken * types, total - taken * types
        elif self.smoothing == "lidstone":
            left = np.where(types > 0, self.delta * self.vocab_size, 0.0)
        whole = total + left
        backoff = np.divide(left, whole, out=np.ones(size), where=whole > 0)
        share = np.divide(
            np.maximum(counts - taken, 0.0), whole[contexts], out=np.zeros(len(counts)), where=counts > 0
        )
        return share, backoff

    def _walk(self, values: Int64s) -> Iterator[tuple[Level, Int64s, Int64s]]:
        """Each order above the first with, for each position, its context and its gram (-1: not known), (N,)."""
        grams = values
        for level in self.levels:
            contexts = _shift(grams)
            grams = np.full(len(values), -1, dtype=np.int64)
            asked = np.flatnonzero(contexts >= 0)
            keys = contexts[asked] * self.vocab_size + values[asked]
            places = np.searchsorted(level.keys, keys)
            hit = places < len(level.keys)
            hit[hit] = level.keys[places[hit]] == keys[hit]
            grams[asked[hit]] = places[hit]
            yield level, contexts, grams
            grams[values == END] = -1  # a later row does not see this one: END is a context only as start mark

    def log_probs(self, rows: Ragged) -> Float64s:
        """See ``CountModel.log_probs``."""
        values = rows.values.astype(np.int64)
        result = self.unigram[values]
        for level, contexts, grams in self._walk(values):
            context = np.flatnonzero(contexts >= 0)
            result[context] += level.backoffs[contexts[context]]
            found = np.flatnonzero(grams >= 0)
            own = level.log_probs[grams[found]]
            result[found] = np.where(np.isnan(own), result[found], own)
        return result

    def next_log_probs(self, histories: npt.NDArray[np.int32]) -> Float64s:
        """See ``CountModel.next_log_probs``."""
        tails = histories[:, max(0, histories.shape[1] - self.order + 1) :].astype(np.int64)
        rows = np.concatenate([tails, np.full((len(tails), 1), END)], axis=1)  # (B, n + 1)
        result = np.tile(self.unigram, (len(rows), 1))  # (B, vocab_size)
        for level, contexts, _ in self._walk(rows.ravel()):
            context = contexts.reshape(rows.shape)[:, -1]  # (B,)
            known = np.flatnonzero(context >= 0)
            context = context[known]
            result[known] += level.backoffs[context, None]
            low = np.searchsorted(level.keys, context * self.vocab_size)
            sizes = np.searchsorted(level.keys, (context + 1) * self.vocab_size) - low
            grams = np.arange(sizes.sum()) + np.repeat(low - np.cumsum(sizes) + sizes, sizes)
            row, own = np.repeat(known, sizes), level.log_probs[grams]
            used = ~np.isnan(own)
            result[row[used], level.keys[grams[used]] % self.vocab_size] = own[used]
        return result

    def arrays(self) -> Arrays:
        """See ``CountModel.arrays``."""
        named: Arrays = {"unigram": self.unigram, "types": self.types, "discounts": self.discounts}
        for k, level in enumerate(self.levels, 2):
            named |= {f"{name}.{k}": getattr(level, name) for name in ("keys", "log_probs", "backoffs")}
        return named

    def restore(self, arrays: Arrays) -> None:
        """See ``CountModel.restore``."""
        if len(arrays["types"]) != self.order or len(arrays["unigram"]) != self.vocab_size:
            raise StoreError(
                f"the saved n-grams have order {len(arrays['types'])} and {len(arrays['unigram'])} symbols, "
                f"this model {self.order} and {self.vocab_size}",
                where="encoder.order",
                remedy="load the model with the config that it was saved with",
            )
        self.unigram, self.types, self.discounts = arrays["unigram"], arrays["types"], arrays["discounts"]
        names = ("keys", "log_probs", "backoffs")
        self.levels = [Level(*(arrays[f"{name}.{k}"] for name in names)) for k in range(2, self.order + 1)]

    def facts(self) -> dict[str, Any]:
        """The options, the gram types an order, and Kneser-Ney's discounts an order."""
        facts = {"order": self.order, "smoothing": self.smoothing, "grams": self.types.tolist()}
        if self.smoothing == "lidstone":
            facts["delta"] = self.delta
        if self.smoothing == "kneser-ney":
            facts["discounts"] = self.discounts.tolist()
        return facts


def _shift(grams: Int64s) -> Int64s:
    """The gram that ends before each position; the first row begins after a start mark that it shares."""
    before = np.empty_like(grams)
    before[1:], before[:1] = grams[:-1], grams[-1:]  # the last symbol is END, as before every other row
    return before


def _count(values: Int64s, size: int, order: int) -> Iterator[Grams]:
    """The gram types of each order, 1 first; ``values`` are whole rows: the END before a row is its start mark."""
    words = np.arange(size)
    gram = Grams(words, np.bincount(values, minlength=size), np.zeros_like(words), np.zeros(size, dtype=bool))
    yield gram
    ids, first = values, words == END
    for k in range(2, order + 1):
        contexts = _shift(ids if k == 2 else np.where(values == END, -1, ids))
        at = np.flatnonzero(contexts >= 0)
        keys, counts, where, group = _group(contexts[at] * size + values[at])
        first = first[keys // size]
        yield Grams(keys, counts, ids[at[where]], first)
        ids = np.full(len(values), -1, dtype=np.int64)
        ids[at] = group


def _group(keys: Int64s) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Equal keys grouped: the distinct keys, how often each occurs, where one stands, and each key's group."""
    bits = len(keys).bit_length()
    if len(keys) and int(keys.max()).bit_length() + bits < 64:  # key and place in one word: a plain sort is faster
        packed = np.sort(keys << bits | np.arange(len(keys)))
        places, keys = packed & ((1 << bits) - 1), packed >> bits
    else:
        places = np.argsort(keys, kind="stable")
        keys = keys[places]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    starts = np.flatnonzero(new)
    group = np.empty(len(keys), dtype=np.int64)
    group[places] = np.cumsum(new) - 1
    return keys[starts], np.diff(starts, append=len(keys)), places[starts], group


def _discount(counts: Int64s, order: int, context: Context) -> float:
    """D = n1 / (n1 + 2 n2) (Ney, Essen and Kneser, 1994) from how many grams were counted once and twice."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    discount = once / max(1, once + 2 * twice)
    if 0 < discount < 1:
        return discount
    text = f"kneser-ney: order {order} has {once} grams counted once and {twice} counted twice, which give no"
    context.notify("note", text=f"{text} discount; {FALLBACK_DISCOUNT} is used")
    return FALLBACK_DISCOUNT
