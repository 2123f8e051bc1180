"""The channel of phrases: which phrases of one language may have become which of the other, and how likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np

from core.counting.alignment.bitext import Bitext, read_only
from core.counting.alignment.grams import Grams
from core.counting.alignment.lexicon import NULL, Lexicon, place_of
from core.counting.alignment.phrases import GIVEN_LENGTH, GIVEN_START, LENGTH, LINKS, START, extract
from core.data.corpus import Ragged
from core.types import Array, Arrays, Float32s, Float64s, Int32s, Int64s

FIELDS = ("starts", "phrases", "log_probs", "links", "words", "offsets")


@dataclass(frozen=True, eq=False)
class PhraseTable:
    """What each phrase of the produced language may come from.

    Args:
        grams: the produced phrases.
        starts: int64 (G + 1,), where the entries of each begin; the best first.
        phrases: int32 (E,), the given phrase of each entry.
        log_probs: float32 (E,), log P(produced phrase | given phrase).
        links: int64 (E,), the links of its words, see ``phrases.extract``.
        words: int32, the words of all given phrases.
        offsets: int64 (P + 1,), where those of each begin.
    """

    grams: Grams
    starts: Int64s
    phrases: Int32s
    log_probs: Float32s
    links: Int64s
    words: Int32s
    offsets: Int64s

    @classmethod
    def of(cls, grams: Grams, arrays: Arrays) -> PhraseTable:
        """The table of arrays by the names of its fields."""
        own = {name: read_only(arrays[name]) for name in FIELDS}
        return cls(Grams(grams.size, read_only(grams.keys), read_only(grams.bounds)), **own)

    def arrays(self) -> Arrays:
        """All arrays by name."""
        return {"keys": self.grams.keys, "bounds": self.grams.bounds} | {
            name: getattr(self, name) for name in FIELDS
        }

    def __len__(self) -> int:
        return len(self.phrases)


def build_table(
    bitext: Bitext, links: tuple[Int32s, Int32s], lexicon: Lexicon, longest: int, prior: float, most: int
) -> PhraseTable:
    """Count the phrase pairs of aligned rows.

    P(f | e) = (c(f, e) + prior * lex(f | e)) / (c(e) + prior), lex being IBM model 1 within the phrases (smoothing
    of phrase tables: Foster, Kuhn and Johnson, 2006). A word that is in no pair of single words takes the words
    that it is linked to in the first alignment.

    Args:
        bitext: the rows; the channel is P(produced | given).
        links: the words that each produced, and each given word is linked to, as ``ibm2.best_links``.
        lexicon: t(produced | given).
        longest: words of a phrase.
        prior: the weight of single words against counts of phrases, in occurrences.
        most: entries per produced phrase, those with the most occurrences.
    """
    found = extract(bitext, *links, longest)
    lone = _lone_words(bitext, links[0], found)
    pairs, counted = np.concatenate([found, lone]), np.repeat([1.0, 0.0], [len(found), len(lone)])
    grams, produced = Grams.of(bitext.produced, bitext.sizes[1], longest)
    given = Grams.of(bitext.given, bitext.sizes[0], longest)[1]
    numbers = _numbers(given, pairs[:, GIVEN_START], pairs[:, GIVEN_LENGTH])
    _, texts, targets = np.unique(numbers, return_index=True, return_inverse=True)
    numbers = _numbers(produced, pairs[:, START], pairs[:, LENGTH])
    keys, firsts, pair_of = np.unique(numbers * len(texts) + targets, return_index=True, return_inverse=True)
    totals = np.bincount(targets, counted)  # (P,)
    entries = _Entries(*np.divmod(keys, len(texts)), np.bincount(pair_of, counted), pairs[firsts])
    probs = (entries.counts + prior * _lexical(entries.pairs, bitext, lexicon)) / (totals[entries.targets] + prior)
    words = _texts(bitext.given, pairs[texts])
    return PhraseTable.of(grams, entries.best(probs, most, len(grams.keys)) | words)


class _Entries(NamedTuple):
    """The distinct phrase pairs, in the order of the produced phrases.

    Args:
        numbers: int64 (E,), the produced phrase of each.
        targets: int64 (E,), the given one.
        counts: float64 (E,), how often each occurs.
        pairs: int64 (E, 5), where each occurs first, as from ``extract``.
    """

    numbers: Int64s
    targets: Int64s
    counts: Array
    pairs: Array

    def best(self, probs: Float64s, most: int, phrases: int) -> Arrays:
        """The entries with the most occurrences of each phrase, the best first, as arrays of a table."""
        order = np.lexsort((-probs, -self.counts, self.numbers))
        firsts = np.searchsorted(self.numbers, self.numbers[order])
        order = order[(np.arange(len(order)) - firsts < most) & (probs[order] > 0)]
        return {
            "starts": np.searchsorted(self.numbers[order], np.arange(phrases + 1)),
            "phrases": self.targets[order].astype(np.int32),
            "log_probs": np.log(probs[order]).astype(np.float32),
            "links": self.pairs[order, LINKS],
        }


def _lone_words(bitext: Bitext, of_produced: Int32s, pairs: Array) -> Array:
    """Pairs of single words, from one alignment, of produced words that are in no such pair."""
    single = pairs[(pairs[:, LENGTH] == 1) & (pairs[:, GIVEN_LENGTH] == 1), START]
    known = np.zeros(bitext.sizes[1], dtype=bool)
    known[bitext.produced.values[single]] = True
    places = np.flatnonzero(bitext.produced.inner)
    rows = np.repeat(np.arange(len(bitext)), bitext.produced.lengths - 1)
    chosen = (of_produced > 0) & ~known[bitext.produced.values[places]]
    ones = np.ones(int(chosen.sum()), dtype=np.int64)
    starts = bitext.given.offsets[rows[chosen]] + of_produced[chosen] - 1
    return np.stack([places[chosen], ones, starts, ones, ones], axis=1)


def _numbers(by_length: list[Int64s], starts: Int64s, lengths: Int64s) -> Int64s:
    """The numbers of phrases that begin at some places."""
    result = np.empty(len(starts), dtype=np.int64)
    for length, numbers in enumerate(by_length, 1):
        some = lengths == length
        result[some] = numbers[starts[some]]
    return result


def _texts(given: Ragged, pairs: Array) -> Arrays:
    """The words of the given phrases of pairs, as arrays of a table."""
    lengths = pairs[:, GIVEN_LENGTH]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    places = np.arange(offsets[-1]) + np.repeat(pairs[:, GIVEN_START] - offsets[:-1], lengths)
    return {"words": given.values[places], "offsets": offsets}


def _lexical(pairs: Array, bitext: Bitext, lexicon: Lexicon) -> Float64s:
    """P(produced phrase | given phrase) by IBM model 1, of each pair: float64 (E,)."""
    given, _, produced, _ = bitext.arrays()
    return np.asarray(_score(pairs, produced, given, lexicon.starts, lexicon.words, lexicon.probs))


@numba.njit(cache=True)
def _score(pairs: Any, produced: Any, given: Any, starts: Any, words: Any, probs: Any) -> Any:
    result = np.ones(len(pairs))
    for n in range(len(pairs)):
        first, length, given_first, given_length = pairs[n, 0], pairs[n, 1], pairs[n, 2], pairs[n, 3]
        for j in range(first, first + length):
            total = 0.0
            for i in range(given_length + 1):
                word = NULL if i == 0 else given[given_first + i - 1]
                place = place_of(word, produced[j], starts, words)
                total += probs[place] if place >= 0 else 0.0
            result[n] *= total / (given_length + 1)
    return result
