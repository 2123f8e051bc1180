"""The trained model: a trie of grams in flat arrays, and its queries.

Every smoothing is stored in the same form, that of an ARPA file, in natural logs:

    log P(w | h) = log_probs[h w]                   if the gram h w exists,
                 = backoffs[h] + log P(w | h')      otherwise (h' is h without its first symbol),

where the back-off of an unseen context is ``missing``, which is 0 except for stupid back-off. The grams of an
order are sorted by their symbols, first symbol first, and identified by their index ("place"). The grams that
start with context ``g`` are ``children[g]:children[g + 1]`` of the next order. END as the first symbol of a gram
is the start mark, as the last symbol the end of a row; no row contains it elsewhere, so the two are never
confused. A gram of order 2 or more that ends in END is not a context.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.data.vocab import END
from core.types import Arrays, Float64s, Int32s, Int64s
from plugins.encoders.ngram.level import FIELDS, Level

SMALL = 1 << 20  # an order with more grams is searched by compiled code, which takes time to load
FEW = 1 << 19  # up to this many events are scored without compiled code


@dataclass(frozen=True, eq=False)
class Trie:
    """All orders.

    Args:
        levels: order 1 first.
        missing: natural log of the weight of the order below after an unseen context.
    """

    levels: Sequence[Level]
    missing: float = 0.0

    @property
    def order(self) -> int:
        """Symbols in the longest gram."""
        return len(self.levels)

    @property
    def vocab_size(self) -> int:
        """The number of ids."""
        return len(self.levels[0])

    @property
    def parameters(self) -> int:
        """The number of probabilities and back-off weights."""
        return sum(level.log_probs.size + level.backoffs.size for level in self.levels)

    @cached_property
    def _keys(self) -> dict[int, Int64s]:
        return {}

    def contexts(self, k: int) -> Int32s:
        """The context of each gram of order ``k`` as an index into order ``k - 1``, int32 (G,)."""
        children = self.levels[k - 2].children
        return np.repeat(np.arange(len(children) - 1, dtype=np.int32), np.diff(children))

    def keys(self, k: int) -> Int64s:
        """Context and word of each gram of order ``k`` as one integer, ascending, int64 (G,)."""
        if k not in self._keys:
            self._keys[k] = self.contexts(k).astype(np.int64) * self.vocab_size + self.levels[k - 1].words
        return self._keys[k]

    @cached_property
    def contexts_of_bigrams(self) -> Int64s:
        """The first symbol of each bigram, int64 (G,)."""
        return self.contexts(2).astype(np.int64)

    @cached_property
    def by_last_word(self) -> tuple[Int64s, Int64s]:
        """The bigrams sorted by their last symbol (G,), and where those of each symbol start (V + 1,)."""
        words = self.levels[1].words
        order = np.argsort(words, kind="stable")
        return order, np.searchsorted(words[order], np.arange(self.vocab_size + 1))

    def find(self, k: int, contexts: npt.NDArray[np.integer], words: npt.NDArray[np.integer]) -> Int64s:
        """The indices of grams of order ``k``, int64 (M,); -1 for unseen grams.

        Args:
            k: at least 2.
            contexts: int (M,), indices into order ``k - 1``, or -1.
            words: int (M,), the last symbols.
        """
        if len(self.levels[k - 1]) > SMALL:
            from plugins.encoders.ngram.scan import search

            return search(contexts, words, self.levels[k - 2].children, self.levels[k - 1].words)
        places = np.full(len(contexts), -1, dtype=np.int64)
        known = np.flatnonzero(contexts >= 0)
        sought = contexts[known].astype(np.int64) * self.vocab_size + words[known]
        keys = self.keys(k)
        at = np.searchsorted(keys, sought)
        hit = at < len(keys)
        hit[hit] = keys[at[hit]] == sought[hit]
        places[known[hit]] = at[hit]
        return places

    def walk(self, values: npt.NDArray[np.integer]) -> Iterator[tuple[int, Int64s, Int64s]]:
        """For each order above the first, the indices of the context and the gram at each position, or -1.

        Args:
            values: int (N,), whole rows end to end, each ending in END.

        Yields:
            The order, contexts int64 (N,), grams int64 (N,).
        """
        grams = values.astype(np.int64)
        for k in range(2, self.order + 1):
            contexts = shift(grams)
            grams = self.find(k, contexts, values)
            yield k, contexts, grams
            grams[values == END] = -1  # the next row does not see this one: END is a context only as a start mark

    @cached_property
    def _bigrams(self) -> Int32s:
        from plugins.encoders.ngram.scan import table

        return table(self.levels)

    def prepare(self, events: int) -> None:
        """Build the bigram table if a text has enough events to be worth it; results do not depend on it."""
        if self.order > 1 and events > max(FEW, len(self.levels[1])):
            self._bigrams  # noqa: B018 - a cached property

    def log_probs(self, values: npt.NDArray[np.integer]) -> tuple[Float64s, npt.NDArray[np.int16]]:
        """The natural log-probability of each symbol given its row, and the order of the longest known gram.

        Args:
            values: int (N,), whole rows end to end, each ending in END.

        Returns:
            float64 (N,) and int16 (N,).
        """
        before = reach(values) if self.missing else None
        if len(values) > FEW or len(self.levels[-1]) > SMALL:
            from plugins.encoders.ngram.scan import scan

            before = np.zeros(0, np.int64) if before is None else before
            bigrams = self.__dict__.get("_bigrams", np.zeros(0, np.int32))  # if ``prepare`` has built them
            return scan(self.levels, values, self.missing, before, bigrams)
        *_, last = self._by_order(values, before)
        return last

    def log_probs_by_order(self, values: npt.NDArray[np.integer]) -> Float64s:
        """What ``log_probs`` gives with the orders up to 1, 2, ... and all of them, float64 (order, N)."""
        if len(values) <= FEW and len(self.levels[-1]) <= SMALL:
            before = reach(values) if self.missing else None
            return np.stack([result.copy() for result, _ in self._by_order(values, before)])
        shorter = [
            replace(level, children=level.children[:0], backoffs=level.backoffs[:0]) for level in self.levels
        ]
        tries = [Trie([*self.levels[:k], shorter[k]], self.missing) for k in range(self.order - 1)]
        return np.stack([trie.log_probs(values)[0] for trie in (*tries, self)])

    def _by_order(
        self, values: npt.NDArray[np.integer], before: Int64s | None
    ) -> Iterator[tuple[Float64s, npt.NDArray[np.int16]]]:
        """The result of ``log_probs`` with each order in turn, in the same arrays; ``before`` is ``reach``."""
        result = self.levels[0].log_probs[values].astype(np.float64)
        orders = np.ones(len(values), dtype=np.int16)
        yield result, orders
        for k, contexts, grams in self.walk(values):
            level, below = self.levels[k - 1], self.levels[k - 2]
            known = np.flatnonzero(contexts >= 0)
            result[known] += below.backoffs[contexts[known]]
            if before is not None:
                result[(contexts < 0) & (before >= k - 1)] += self.missing
            found = np.flatnonzero(grams >= 0)
            result[found] = level.log_probs[grams[found]]
            orders[found] = k
            yield result, orders

    def next_log_probs(self, histories: Int32s) -> Float64s:
        """The distribution of the next symbol after each history, float64 (B, vocab_size), natural logs.

        Args:
            histories: int32 (B, n), right-aligned ids; everything before the last END is ignored.
        """
        tails = histories[:, max(0, histories.shape[1] - self.order + 1) :].astype(np.int64)
        rows = np.concatenate([tails, np.full((len(tails), 1), END)], axis=1)  # (B, n + 1)
        result = np.tile(self.levels[0].log_probs.astype(np.float64), (len(rows), 1))  # (B, vocab_size)
        before = reach(rows.ravel()).reshape(rows.shape)[:, -1]  # (B,)
        for k, contexts, _ in self.walk(rows.ravel()):
            context = contexts.reshape(rows.shape)[:, -1]  # (B,)
            known = np.flatnonzero(context >= 0)
            context = context[known]
            result[known] += self.levels[k - 2].backoffs[context, None]
            if self.missing:
                result[(contexts.reshape(rows.shape)[:, -1] < 0) & (before >= k - 1)] += self.missing
            low, high = (self.levels[k - 2].children[context + i].astype(np.int64) for i in (0, 1))
            grams = spans(low, high - low)
            row, level = np.repeat(known, high - low), self.levels[k - 1]
            result[row, level.words[grams]] = level.log_probs[grams]
        return result

    def arrays(self) -> Arrays:
        """All arrays by name: ``words.2``, ``children.1``, ...; the words of order 1 are all ids and left out."""
        named: Arrays = {"missing": np.array(self.missing)}
        for k, level in enumerate(self.levels, 1):
            named |= {f"{name}.{k}": getattr(level, name) for name in FIELDS}
        del named["words.1"], named[f"children.{self.order}"], named[f"backoffs.{self.order}"]
        return named

    @classmethod
    def of(cls, arrays: Arrays) -> Trie:
        """The inverse of ``arrays``; other names are ignored."""
        order = sum(name.startswith("log_probs.") for name in arrays)
        named = {"words.1": np.arange(len(arrays["log_probs.1"]), dtype=np.int32), **arrays}
        levels = [
            Level(**{name: named[f"{name}.{k}"] for name in FIELDS if f"{name}.{k}" in named})
            for k in range(1, order + 1)
        ]
        return cls(levels, float(arrays["missing"]))


def shift(grams: Int64s) -> Int64s:
    """The gram that ends before each position; the last symbol, an END, is the start mark of the first row."""
    before = np.empty_like(grams)
    before[1:], before[:1] = grams[:-1], grams[-1:]  # the last symbol is END, as before every other row
    return before


def spans(starts: Int64s, sizes: Int64s) -> Int64s:
    """The integers ``starts[i]``, ``starts[i] + 1``, ... (``sizes[i]`` of them) for each i, end to end."""
    return np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)


def reach(values: npt.NDArray[np.integer]) -> Int64s:
    """The number of symbols before each position in its row, the start mark included, int64 (N,)."""
    at = np.arange(len(values))
    starts = np.where(shift(values.astype(np.int64)) == END, at, 0)
    return at - np.maximum.accumulate(starts) + 1
