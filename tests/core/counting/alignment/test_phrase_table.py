"""The channel of phrases against counting with dictionaries."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from channel_cases import inner, ragged, random_bitext

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.channel import Settings, align
from core.counting.alignment.grams import longer
from core.counting.alignment.phrase_table import build_table
from core.counting.alignment.phrases import extract

SETTINGS = Settings(3, 2, 0.0, 100, 3, 1.5, 100)


def entries_of(table, phrase):
    """The entries of a produced phrase: given words -> (probability, links)."""
    number = 0
    for length, word in enumerate(phrase, 1):
        number = longer(number, word, length, table.grams.size, table.grams.keys, table.grams.bounds)
        if number < 0:
            return {}
    found = {}
    for entry in range(table.starts[number], table.starts[number + 1]):
        own = slice(table.offsets[table.phrases[entry]], table.offsets[table.phrases[entry] + 1])
        found[tuple(table.words[own].tolist())] = float(np.exp(table.log_probs[entry])), int(table.links[entry])
    return found


def test_probabilities_are_counts_smoothed_by_words():
    bitext = random_bitext(1, 40)
    (lexicon, links), (_, back) = align(bitext, SETTINGS), align(bitext.reverse, SETTINGS)
    table = build_table(bitext, (links, back), lexicon, 3, 1.5, 100)
    counts, totals, pairs = Counter(), Counter(), defaultdict(set)
    for start, length, given_start, given_length, bits in extract(bitext, links, back, 3).tolist():
        f = tuple(bitext.produced.values[start : start + length].tolist())
        e = tuple(bitext.given.values[given_start : given_start + given_length].tolist())
        counts[f, e] += 1
        totals[e] += 1
        pairs[f, e].add(bits)
    for (f, e), count in counts.items():
        lexical = 1.0
        for word in f:
            lexical *= np.mean([lexicon.find(np.array([g]), np.array([word]))[0] for g in (0, *e)])
        prob, bits = entries_of(table, f)[e]
        assert prob == pytest.approx((count + 1.5 * lexical) / (totals[e] + 1.5))
        assert bits in pairs[f, e]
    assert len(counts) > 80
    lone = {(w,) for row in range(len(bitext)) for w in inner(bitext.produced, row)} - {f for f, _ in counts}
    assert sum(len(entries_of(table, f)) for f in {f for f, _ in counts} | lone) == len(table)


def test_the_entries_that_occur_most_are_kept():
    bitext = Bitext(ragged([[2], [2], [3], [4], [4], [4]]), ragged([[2]] * 6), (5, 3))
    (lexicon, links), (_, back) = align(bitext, SETTINGS), align(bitext.reverse, SETTINGS)
    kept = build_table(bitext, (links, back), lexicon, 3, 1.5, 2)
    assert list(entries_of(kept, [2])) == [(4,), (2,)]


def test_a_word_in_no_pair_of_single_words_takes_the_word_that_it_is_linked_to():
    # "2 3" is always one phrase: both words are linked to 2
    bitext = Bitext(ragged([[2]] * 3), ragged([[2, 3]] * 3), (3, 4))
    (lexicon, links), (_, back) = align(bitext, SETTINGS), align(bitext.reverse, SETTINGS)
    table = build_table(bitext, (np.ones_like(links), back), lexicon, 3, 1.5, 100)
    assert list(entries_of(table, [2, 3])) == [(2,)]
    assert list(entries_of(table, [2])) == list(entries_of(table, [3])) == [(2,)]
    assert entries_of(table, [2])[2,][0] < entries_of(table, [2, 3])[2,][0]
