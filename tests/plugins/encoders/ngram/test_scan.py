"""Compiled code and threads answer as the plain search does."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import fitted, quiet, ragged, random_rows

from plugins.encoders.ngram import model, trie

ROWS, TEST = random_rows(11, 300, size=12), random_rows(12, 100, size=12)


def test_several_threads_give_the_same_scores(monkeypatch):
    alone, several = fitted(ROWS, 12, order=4), fitted(ROWS, 12, context=quiet(threads=3), order=4)
    monkeypatch.setattr(model, "ALONE", 0)
    assert (several.log_probs(ragged(TEST)) == alone.log_probs(ragged(TEST))).all()
    assert (several.log_probs(ragged([[2]])) == alone.log_probs(ragged([[2]]))).all()  # fewer rows than threads


@pytest.mark.parametrize("smoothing", ["kneser-ney", "katz", "stupid-backoff", "mle"])
@pytest.mark.parametrize("block", [1, 2, 7, 1 << 16])
def test_compiled_code_gives_the_same_scores(monkeypatch, smoothing, block):
    from plugins.encoders.ngram import scan

    fresh = fitted(ROWS, 12, order=4, smoothing=smoothing, prune=[0, 0, 1])
    rows = ragged([[], *TEST, [], [11, 11], []])
    histories = np.array([row[:4] for row in TEST if len(row) > 4], dtype=np.int32)
    expected, after = fresh.answers(rows), fresh.next_log_probs(histories)
    monkeypatch.setattr(trie, "SMALL", 0)
    monkeypatch.setattr(scan, "BLOCK", block)
    for _ in range(2):
        found = fresh.answers(rows)
        assert all((found[name] == expected[name]).all() for name in expected)
        assert (fresh.next_log_probs(histories) == after).all()
        monkeypatch.setattr(trie, "FEW", 0)  # and then with the bigram table
    assert len(rows.values) > len(fresh.trie.levels[1]) and "_bigrams" in fresh.trie.__dict__


def test_a_long_text_is_scored_by_compiled_code(monkeypatch):
    from plugins.encoders.ngram import scan

    called = []
    monkeypatch.setattr(scan, "scan", lambda levels, values, *more: called.append(len(values)) or (values, values))
    fresh = fitted(ROWS, 12, order=2)
    monkeypatch.setattr(trie, "FEW", 10)
    fresh.log_probs(ragged([[2] * 10]))
    fresh.log_probs(ragged([[2] * 9]))
    assert called == [11]


@pytest.mark.parametrize("compiled", [False, True])
def test_an_order_above_127_is_reported_correctly(compiled: bool, monkeypatch: pytest.MonkeyPatch):
    if compiled:
        monkeypatch.setattr(trie, "FEW", 0)
    row = np.arange(2, 152).tolist()
    long = fitted([row], 152, order=130, smoothing="witten-bell")
    orders = long.answers(ragged([row]))["order"]
    assert orders.tolist() == [*range(2, 130), *[130] * 23]
