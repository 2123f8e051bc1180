"""Counting n-grams: suffixes, limits, and pieces that change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import fitted, grams_of, ragged, random_rows

from core.errors import DataError
from plugins.encoders.ngram import trie
from plugins.encoders.ngram.counting import counts

ROWS = random_rows(11, 300, size=12)


def test_a_suffix_is_the_gram_without_its_first_symbol():
    found = counts.count(ragged(ROWS).values, 12, 4)
    levels = [trie.Level(g.words, c.children) for g, c in zip(found, found[1:], strict=False)]
    grams = grams_of([*levels, trie.Level(found[-1].words)])
    for k in (1, 2, 3):
        assert [grams[k - 1][s] for s in found[k].suffixes.tolist()] == [gram[1:] for gram in grams[k]]


def test_pieces_are_small_enough_for_packed_integers(monkeypatch):
    whole = fitted(ROWS, 12, order=4, smoothing="witten-bell").arrays()
    monkeypatch.setattr(counts, "BITS", 12 + 4 + 1)  # leaves room for two contexts
    apart = fitted(ROWS, 12, order=4, smoothing="witten-bell").arrays()
    assert all(np.array_equal(whole[name], apart[name]) for name in whole)


def test_more_tokens_than_positions_are_rejected(monkeypatch):
    monkeypatch.setattr(counts, "MAX_TOKENS", 3)
    with pytest.raises(DataError, match=r"data\.limit"):
        fitted([[2, 2, 2]], 5, order=2)
