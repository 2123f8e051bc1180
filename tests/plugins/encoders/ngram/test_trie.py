"""The trie of n-grams: what it holds."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import START, count, fitted, grams_of, ragged, random_rows

ROWS = random_rows(11, 300, size=12)


def test_the_trie_holds_every_gram_once_sorted_with_its_count():
    levels = fitted(ROWS, 12, order=4, smoothing="witten-bell").trie.levels
    for k, (grams, raw) in enumerate(zip(grams_of(levels), count(ROWS, 4)[1:], strict=True), 1):
        assert grams == sorted(set(grams))
        known = {tuple(0 if w == START else w for w in gram): n for gram, n in raw.items()}
        assert {gram: n for gram, n in zip(grams, levels[k - 1].counts.tolist(), strict=True) if n} == known


@pytest.mark.parametrize("few", [0, 1 << 19])  # by compiled code, and by numpy
def test_the_orders_inside_a_model_are_the_shorter_models(monkeypatch, few):
    monkeypatch.setattr("plugins.encoders.ngram.trie.FEW", few)
    model, rows = fitted(ROWS, 12, order=3, smoothing="witten-bell"), ragged([*random_rows(5, 30, size=12), []])
    found = model.log_probs_by_order(rows)
    assert found.shape == (3, len(rows.values))
    for k, own in enumerate(found, 1):
        shorter = fitted(ROWS, 12, order=k, smoothing="witten-bell")
        np.testing.assert_allclose(own, shorter.log_probs(rows), rtol=1e-5)
    assert (found[-1] == model.log_probs(rows)).all()


def test_a_method_that_uses_the_highest_order_alone_has_no_others_inside():
    model, rows = fitted(ROWS, 12, order=3, smoothing="laplace"), ragged(random_rows(5, 30, size=12))
    assert (model.log_probs_by_order(rows) == model.log_probs(rows)[None]).all()
