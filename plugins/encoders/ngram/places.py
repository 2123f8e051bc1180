"""The probability of a row with each word of the vocabulary at a place, under an n-gram model.

Only the factors of the place itself and of the n - 1 symbols behind it contain the word w there. The factor of the
j-th symbol x_j behind it is looked up as everywhere (see ``trie``): from the longest known context down. Contexts
that end behind the place are the same for all w. Those that contain w are grams (h_e .. h_1 w x_1 .. x_{j-1}), and
of most words there is none: so all words get the common value at once, and only the words with a known gram their
own. These are the continuations of h_e .. h_1 or the words before x_1, which the trie lists.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.data.corpus import Ragged
from core.data.vocab import END
from core.types import Bools, Float64s, Int64s
from plugins.encoders.ngram.trie import Trie, spans


class Known(NamedTuple):
    """Grams that contain the word at the place: of which place and word each is, and its index in its order."""

    place: Int64s  # (M,)
    word: Int64s  # (M,)
    gram: Int64s  # (M,)


def place_scores(trie: Trie, rows: Ragged, places: Int64s) -> Float64s:
    """log P(row with w at the place) up to a constant per place, for every w: float64 (B, V), -inf for END.

    Args:
        trie: the model.
        rows: closed ids.
        places: int64 (B,), the place of each word in the values of the rows.
    """
    row = np.searchsorted(rows.offsets, places, side="right") - 1
    begin, end = rows.offsets[row], rows.offsets[row + 1]
    before = [_symbols(rows, places - e, places - e >= begin) for e in range(1, trie.order)]  # h_1, h_2, ...
    histories = before[::-1] or [np.full(len(places), END)]
    scores = trie.next_log_probs(np.stack(histories, 1).astype(np.int32))  # (B, V)
    behind = _Behind(trie, before, places - begin + 1)
    for j in range(1, trie.order):
        alive = places + j < end
        behind.add(scores, _symbols(rows, places + j, alive), np.flatnonzero(alive))
    scores[:, END] = -np.inf
    return scores


def _symbols(rows: Ragged, at: Int64s, inside: Bools) -> Int64s:
    """The symbols at some positions (B,), END where these are outside of their row."""
    return np.where(inside, rows.values[np.where(inside, at, 0)], END).astype(np.int64)


class _Behind:
    """The factors of the symbols behind the places, one after the other.

    Args:
        trie: the model.
        before: h_1, h_2, ..., int64 (B,) each.
        reach: int64 (B,), symbols before each place in its row, the start mark included.
    """

    def __init__(self, trie: Trie, before: list[Int64s], reach: Int64s) -> None:
        self.trie, self.reach, self.number = trie, reach, 0
        # the grams of order 1, 2, ... of the symbols behind the place, that end before the next symbol
        self.own: list[Int64s] = []
        contexts = [self._context(before[:e]) for e in range(1, trie.order - 1)]
        self.known = [None, *(self._following(e, found) for e, found in enumerate(contexts, 1))]

    def _context(self, symbols: list[Int64s]) -> Int64s:
        """The gram h_e .. h_1, or -1: int64 (B,); nothing precedes the start mark."""
        grams = symbols[-1]
        for order, symbol in enumerate(symbols[-2::-1], 2):
            grams = self.trie.find(order, np.where(symbol == END, -1, grams), symbol)
        return grams

    def _following(self, order: int, grams: Int64s) -> Known:
        """The grams of one order more that continue some grams of an order, of which -1 is none."""
        places = np.flatnonzero(grams >= 0)
        low, high = (self.trie.levels[order - 1].children[grams[places] + i].astype(np.int64) for i in (0, 1))
        found = spans(low, high - low)
        words = self.trie.levels[order].words[found].astype(np.int64)
        return _select(Known(np.repeat(places, high - low), words, found), words != END)

    def _preceding(self, symbols: Int64s, places: Int64s) -> Known:
        """The bigrams that end in the symbols (B,) of some places."""
        order, starts = self.trie.by_last_word
        sizes = starts[symbols[places] + 1] - starts[symbols[places]]
        found = order[spans(starts[symbols[places]], sizes)]
        return Known(np.repeat(places, sizes), self.trie.contexts_of_bigrams[found], found)

    def add(self, scores: Float64s, symbols: Int64s, alive: Int64s) -> None:
        """Add log P(symbol | what precedes it, with each word at the place) to the scores (B, V).

        Args:
            scores: changed.
            symbols: int64 (B,).
            alive: int64 (A,), the numbers of the places whose row has a symbol here.
        """
        self.number += 1
        trie, mark = self.trie, np.zeros(len(symbols), dtype=bool)
        mark[alive] = True
        values = np.zeros_like(scores)  # (B, V)
        values += self._common(symbols, mark)[:, None]
        for e, known in enumerate(self.known[: trie.order - self.number]):
            k = e + self.number  # the order of the contexts
            if known is None:
                values += trie.levels[0].backoffs
                found = self._preceding(symbols, alive)
            else:
                known = _select(known, mark[known.place])
                if trie.missing:
                    values[self.reach >= e] += trie.missing
                values[known.place, known.word] += trie.levels[k - 1].backoffs[known.gram] - trie.missing
                grams = trie.find(k + 1, known.gram, symbols[known.place])
                found = _select(known._replace(gram=grams), grams >= 0)
            values[found.place, found.word] = trie.levels[k].log_probs[found.gram]
            self.known[e] = found
        scores[alive] += values[alive]

    def _common(self, symbols: Int64s, mark: Bools) -> Float64s:
        """log P(symbol | the symbols behind the place), float64 (B,), and the grams that now end there."""
        levels = self.trie.levels
        values, grams = levels[0].log_probs[symbols].astype(np.float64), [np.where(mark, symbols, -1)]
        for k, own in enumerate(self.own[: self.trie.order - 1], 1):
            contexts = np.where(mark, own, -1)
            known = np.flatnonzero(contexts >= 0)
            values += self.trie.missing
            values[known] += levels[k - 1].backoffs[contexts[known]] - self.trie.missing
            found = self.trie.find(k + 1, contexts, symbols)
            values[found >= 0] = levels[k].log_probs[found[found >= 0]]
            grams.append(found)
        self.own = grams
        return values


def _select(known: Known, mask: Bools) -> Known:
    """Some of the grams."""
    return Known(*(part[mask] for part in known))
