"""The table of pairs holds those that occur together, and nothing of the size of two vocabularies."""

from __future__ import annotations

import tracemalloc

import numpy as np
from channel_cases import inner, random_bitext

from core.counting.alignment.channel import Settings, learn_channel
from core.counting.alignment.ibm1 import train_model1
from core.counting.alignment.lexicon import NULL, cooccurring


def test_the_pairs_are_those_of_the_rows():
    bitext = random_bitext(1, 12, (9, 8), least=0)
    pairs = set()
    for row in range(len(bitext)):
        pairs |= {(e, f) for e in (NULL, *inner(bitext.given, row)) for f in inner(bitext.produced, row)}
    lexicon = cooccurring(bitext)
    rows = np.repeat(np.arange(9), np.diff(lexicon.starts))
    assert list(zip(rows.tolist(), lexicon.words.tolist(), strict=True)) == sorted(pairs)
    assert lexicon.find(np.array([1]), np.array([2])).tolist() == [0.0]


def test_the_best_word_of_each():
    bitext = random_bitext(2, 12)
    lexicon = train_model1(bitext, cooccurring(bitext), 3)
    words, probs = lexicon.best()
    for given in range(6):
        own = slice(lexicon.starts[given], lexicon.starts[given + 1])
        assert probs[given] == max(lexicon.probs[own], default=0)
        assert words[given] in (lexicon.words[own] if own.stop > own.start else [NULL])


def test_a_hundred_thousand_words_need_little_memory():
    bitext = random_bitext(3, 1000, (100_000, 100_000), 12)
    learn_channel(random_bitext(3, 5), settings := Settings(1, 1, 0.0, 100, 3, 1.0, 20))  # compiles
    tracemalloc.start()
    table = learn_channel(bitext, settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(table) > 1000
    assert peak < 100e6  # a table of all pairs of words would take 80 GB
