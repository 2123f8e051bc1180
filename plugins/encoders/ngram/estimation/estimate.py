"""From counts to the trie: the probabilities of each order, order 1 first, in pieces of contexts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.types import Bools, Float32s, Float64s, Int32s
from plugins.encoders.ngram.counting.counts import Grams, Map
from plugins.encoders.ngram.counting.storage import Memory
from plugins.encoders.ngram.estimation.smoothing import Smoothing
from plugins.encoders.ngram.level import Level
from plugins.encoders.ngram.trie import Trie

PIECE = 1 << 17  # grams estimated at a time


def adjusted_counts(grams: Sequence[Grams], storage: Memory) -> list[Int32s]:
    """Kneser-Ney's counts: distinct left neighbours below the highest order, raw counts of row-initial grams.

    Args:
        grams: the raw counts, order 1 first.
        storage: where the counts are stored.

    Returns:
        int32 (G,) per order.
    """
    counts = []
    for k, (gram, initial) in enumerate(zip(grams, count_initial(grams), strict=True), 1):
        if k == len(grams):
            counts.append(gram.counts)
            continue
        lefts = storage.empty(len(gram), np.int32)
        lefts[:] = 0
        for i in range(0, len(grams[k]), PIECE):
            np.add.at(lefts, grams[k].suffixes[i : i + PIECE], np.int32(1))  # other types are twenty times slower
        if k > 1:  # the unigram END is the end of a row, not its start
            lefts[:initial] = gram.counts[:initial]
        counts.append(lefts)
    return counts


def count_initial(grams: Sequence[Grams]) -> list[int]:
    """The number of grams of each order that start with the start mark; they come first in their order."""
    found = [1]
    for gram in grams[1:]:
        found.append(int(gram.children[found[-1]]))
    return found


@dataclass(frozen=True)
class Estimate:
    """Probabilities from counts.

    Args:
        grams: the gram types, order 1 first.
        counts: int32 (G,) per order, the counts that probabilities are estimated from.
        smoothing: the smoothing method.
        kept: bool (G,) per order, the grams that are not pruned; None: all of them.
        base: float64 (vocab_size,), the distribution that order 1 is interpolated with.
        storage: where large arrays are stored.
        run: ``map``, or the ``map`` of a thread pool.
    """

    grams: Sequence[Grams]
    counts: Sequence[Int32s]
    smoothing: Smoothing
    kept: Sequence[Bools | None]
    base: Float64s
    storage: Memory
    run: Map = map

    def trie(self) -> Trie:
        """The trained model."""
        lower, levels = self.base, list[Level]()
        for k, gram in enumerate(self.grams, 1):
            lower, log_probs, backoffs = self._order(k, lower)
            levels.append(Level(gram.words, log_probs=log_probs, counts=self.counts[k - 1]))
            if k > 1:
                below = replace(levels[-2], children=gram.children, backoffs=backoffs)
                levels[-2] = self._pruned(below, *self.kept[k - 2 : k])
        levels[-1] = self._pruned(levels[-1], self.kept[-1])
        return Trie(levels, self.smoothing.missing)

    def _order(self, k: int, lower: Float64s) -> tuple[Float64s, Float32s, Float32s]:
        """The probabilities of an order (empty for the highest), their logs, and log back-offs of its contexts."""
        gram, top = self.grams[k - 1], k == len(self.grams)
        log_probs: Float32s = self.storage.empty(len(gram), np.float32)
        backoffs: Float32s = self.storage.empty(len(gram.children) - 1, np.float32)
        probs: Float64s = self.storage.empty(0 if top else len(gram), np.float64)
        backoffs[:] = self.smoothing.missing

        def fill(piece: tuple[int, int]) -> None:
            first, stop = piece
            some = slice(int(gram.children[first]), int(gram.children[stop]))
            found, left = self._piece(k, lower, first, stop)
            if not top:
                probs[some] = found
            with np.errstate(divide="ignore", invalid="ignore"):
                log_probs[some] = np.log(found)
                np.log(left, out=left)
            followed = np.diff(gram.children[first : stop + 1]) > 0
            np.copyto(backoffs[first:stop], left, where=followed, casting="same_kind")

        pieces = _pieces(gram.children)
        if self.smoothing.top_only and not top:
            probs[:], log_probs[:] = self.base[0], np.log(self.base[0])
            pieces = iter([] if k == 1 else [(0, count_initial(self.grams)[k - 2])])
        for _ in self.run(fill, pieces):
            pass
        return probs, log_probs, backoffs

    def _piece(self, k: int, lower: Float64s, first: int, stop: int) -> tuple[Float64s, Float64s]:
        """Probabilities and back-off weights of a range of contexts; the weight is undefined without grams."""
        gram, kept = self.grams[k - 1], self.kept[k - 1]
        some = slice(int(gram.children[first]), int(gram.children[stop]))
        owner = np.repeat(np.arange(stop - first), np.diff(gram.children[first : stop + 1]))
        below = lower if k == 1 else lower[gram.suffixes[some]]
        flags = None if kept is None else kept[some]
        if k == 1 and not self.counts[0].any():
            return below, np.zeros(1)
        with np.errstate(divide="ignore", invalid="ignore"):  # 0 / 0 for a context without grams
            return self.smoothing.estimate(k, self.counts[k - 1][some], owner, stop - first, below, flags)

    def _pruned(self, level: Level, own: Bools | None, next_: Bools | None = None) -> Level:
        """The level without its pruned grams and without its pruned children."""
        if next_ is not None:
            before = self.storage.empty(len(next_) + 1, np.int32)
            before[0] = 0
            np.cumsum(next_, out=before[1:], dtype=np.int32)
            level = replace(level, children=self.storage.store(before[level.children]))
        if own is None:
            return level
        fields = {name: getattr(level, name) for name in ("words", "log_probs", "backoffs", "counts")}
        cut = {name: self.storage.store(array[own]) if len(array) else array for name, array in fields.items()}
        if len(level.children):
            cut["children"] = self.storage.store(level.children[np.append(own, True)])
        return replace(level, **cut)


def _pieces(children: Int32s) -> Iterator[tuple[int, int]]:
    """Ranges of contexts with about ``PIECE`` grams each."""
    first, contexts = 0, len(children) - 1
    while first < contexts:
        ahead = children[first : first + PIECE + 1]
        stop = first + int(np.searchsorted(ahead - ahead[0], PIECE, side="right")) - 1
        stop = min(max(stop, first + 1), contexts)
        yield first, stop
        first = stop
