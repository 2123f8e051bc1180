"""Counting in parts and merging them gives the counts of the whole corpus."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import fitted, ragged, random_rows

from plugins.encoders.ngram import model
from plugins.encoders.ngram.counting import counts, external_sort, storage

ROWS, TEST = random_rows(11, 300, size=12), random_rows(12, 100, size=12)


@pytest.mark.parametrize("tokens", [1, 40, 300])
@pytest.mark.parametrize("rows", [ROWS, [[2, 3]], [[]], []])
def test_counting_in_parts_gives_the_same_counts(monkeypatch, tokens, rows):
    monkeypatch.setattr(external_sort, "BLOCK", 64)
    corpus = ragged(rows)
    whole = counts.count(corpus.values, 12, 4)
    apart = external_sort.count_in_runs(corpus, 12, 4, tokens, storage.Disk())
    for ours, theirs in zip(whole, apart, strict=True):
        for name in ("words", "children", "counts", "suffixes"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "jelinek-mercer"])
def test_bounded_memory_gives_the_same_model(monkeypatch, smoothing):
    options = {"order": 4, "smoothing": smoothing, "prune": [0, 0, 1]}
    whole = fitted(ROWS, 12, TEST, **options).arrays()
    monkeypatch.setattr(model, "LEAST", 100)
    apart = fitted(ROWS, 12, TEST, memory="1KB", **options).arrays()
    assert whole.keys() == apart.keys()
    assert all(np.array_equal(whole[name], apart[name]) for name in whole)
