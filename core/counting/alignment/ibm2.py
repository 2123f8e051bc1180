"""IBM model 2: the place of a produced word decides which given word it is likely to come from.

P(f | e) = product over j of sum over i of t(f_j | e_i) * a(i | j, l, m), l and m being the lengths (Brown et al.,
1993; Koehn, 2010, section 4.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.lexicon import NULL, Lexicon, normalise, place_of
from core.types import Float64s, Int32s, Int64s

WIDE = 1 << 32  # above every length


@dataclass(frozen=True, eq=False)
class Positions:
    """The table a(i | j, l, m) for the pairs of lengths that occur.

    Args:
        shapes: int64 (S,), ``l * WIDE + m`` of each pair of lengths, ascending.
        starts: int64 (S + 1,), where the table (m, l + 1) of each begins.
        probs: float64, the tables end to end; each line sums to 1.
    """

    shapes: Int64s
    starts: Int64s
    probs: Float64s

    def table(self, given: int, produced: int) -> Float64s:
        """a(i | j, l, m), float64 (m, l + 1), NULL first; uniform for lengths that did not occur."""
        at = int(np.searchsorted(self.shapes, given * WIDE + produced))
        if at == len(self.shapes) or self.shapes[at] != given * WIDE + produced:
            return np.full((produced, given + 1), 1 / (given + 1))
        return self.probs[self.starts[at] : self.starts[at + 1]].reshape(produced, given + 1)

    def lines(self) -> Int64s:
        """Where each distribution begins, and the end of the last: int64."""
        given, produced = self.shapes // WIDE, self.shapes % WIDE
        return np.concatenate([[0], np.cumsum(np.repeat(given + 1, produced))]).astype(np.int64)


def uniform(bitext: Bitext) -> Positions:
    """All places equally likely, as in model 1."""
    given, produced = bitext.lengths
    shapes = np.unique(given * WIDE + produced)
    given, produced = shapes // WIDE, shapes % WIDE
    starts = np.concatenate([[0], np.cumsum((given + 1) * produced)]).astype(np.int64)
    return Positions(shapes, starts, np.repeat(1 / (given + 1), (given + 1) * produced))


def train_model2(
    bitext: Bitext, lexicon: Lexicon, positions: Positions, iterations: int, smoothing: float = 0.0
) -> tuple[Lexicon, Positions]:
    """Some iterations of EM; without smoothing the likelihood never falls.

    Args:
        bitext: rows with at least one word each.
        lexicon: where it starts, such as what model 1 has learned.
        positions: where it starts, such as ``uniform``.
        iterations: of EM.
        smoothing: what is added to the expected count of each pair of words and of each place.
    """
    words, places, lines = lexicon.probs.copy(), positions.probs.copy(), positions.lines()
    for _ in range(iterations):
        counts, place_counts = np.zeros(len(words)), np.zeros(len(places))
        _expect(_rows(bitext, positions), lexicon.starts, lexicon.words, words, places, counts, place_counts)
        normalise(lexicon.starts, counts, smoothing, words)
        normalise(lines, place_counts, smoothing, places)
    return Lexicon(lexicon.starts, lexicon.words, words), Positions(positions.shapes, positions.starts, places)


def log_likelihoods(bitext: Bitext, lexicon: Lexicon, positions: Positions) -> Float64s:
    """The natural logarithm of P(produced | given) of each row, without the factor of its length: float64 (R,)."""
    counts, places = np.zeros(len(lexicon.probs)), np.zeros(len(positions.probs))
    parts = (lexicon.starts, lexicon.words, lexicon.probs, positions.probs, counts, places)
    return np.asarray(_expect(_rows(bitext, positions), *parts))


def best_links(bitext: Bitext, lexicon: Lexicon, positions: Positions) -> Int32s:
    """The most probable given word of each produced word (END of rows left out), from 1; 0 is NULL.

    Args:
        bitext: rows whose lengths ``positions`` has.
        lexicon: t.
        positions: a.
    """
    parts = (lexicon.starts, lexicon.words, lexicon.probs, positions.probs)
    return np.asarray(_links(_rows(bitext, positions), *parts))


def _rows(bitext: Bitext, positions: Positions) -> tuple[Any, ...]:
    """The arrays of both languages, and where the table of each row is."""
    given, produced = bitext.lengths
    tables = positions.starts[np.searchsorted(positions.shapes, given * WIDE + produced)]
    return (*bitext.arrays(), tables)


@numba.njit(cache=True)
def _expect(
    rows: Any, starts: Any, words: Any, probs: Any, positions: Any, counts: Any, position_counts: Any
) -> Any:
    """The E step: adds the expected counts, and returns the log-likelihood of each row."""
    given, given_at, produced, produced_at, tables = rows
    result = np.zeros(len(given_at) - 1)
    for row in range(len(given_at) - 1):
        first, size, line = given_at[row], given_at[row + 1] - 1 - given_at[row], tables[row]
        places = np.empty(size + 1, dtype=np.int64)
        parts = np.empty(size + 1)
        for j in range(produced_at[row], produced_at[row + 1] - 1):
            total = 0.0
            for i in range(size + 1):
                word = NULL if i == 0 else given[first + i - 1]
                places[i] = place_of(word, produced[j], starts, words)
                parts[i] = probs[places[i]] * positions[line + i] if places[i] >= 0 else 0.0
                total += parts[i]
            result[row] += np.log(total) if total > 0 else -np.inf
            for i in range(size + 1):
                if parts[i] > 0:
                    counts[places[i]] += parts[i] / total
                    position_counts[line + i] += parts[i] / total
            line += size + 1
    return result


@numba.njit(cache=True)
def _links(rows: Any, starts: Any, words: Any, probs: Any, positions: Any) -> Any:
    given, given_at, produced, produced_at, tables = rows
    result = np.zeros(len(produced) - len(produced_at) + 1, dtype=np.int32)
    for row in range(len(given_at) - 1):
        first, size, line = given_at[row], given_at[row + 1] - 1 - given_at[row], tables[row]
        for j in range(produced_at[row], produced_at[row + 1] - 1):
            best = 0.0
            for at in range(size + 1):
                i = at + 1 if at < size else 0  # of equal places NULL is the last one
                word = given[first + at] if at < size else NULL
                place = place_of(word, produced[j], starts, words)
                if place >= 0 and probs[place] * positions[line + i] > best:
                    best, result[j - row] = probs[place] * positions[line + i], i
            line += size + 1
    return result
