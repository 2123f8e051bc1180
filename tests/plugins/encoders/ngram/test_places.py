"""The word at a place under n-gram models, by the factors that contain it, against whole rows."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from core.counting.heads.places import by_whole_rows
from core.data.vocab import END, UNK
from core.testing.rows import random_rows, unscored_context
from plugins.encoders.ngram import NGram
from plugins.encoders.ngram.model import Name
from plugins.encoders.ngram.trie import Trie

SIZE = 7
TRAIN, DEV = random_rows(80, SIZE, seed=1), random_rows(30, SIZE, seed=2)


@pytest.mark.parametrize("smoothing", get_args(Name))
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_distribution_is_that_of_whole_rows(smoothing: Name, order: int) -> None:
    model = NGram(SIZE, order=order, smoothing=smoothing)
    model.fit(TRAIN, DEV, unscored_context())
    places = np.flatnonzero(DEV.inner)
    found, expected = model.place_scores(DEV, places), by_whole_rows(model, DEV, places)
    assert np.isneginf(found[:, END]).all()
    for own, other in zip(found[:, UNK:], expected[:, UNK:], strict=True):
        if not (finite := np.isfinite(other)).any():  # mle gives most rows probability 0 with every word
            continue
        assert (np.isneginf(own) == ~finite).all()
        assert own[finite] - own[finite].max() == pytest.approx(other[finite] - other[finite].max(), abs=1e-6)


def test_a_pruned_model_gives_the_same() -> None:
    model = NGram(SIZE, order=4, smoothing="kneser-ney", prune=[0, 1, 1, 2])
    model.fit(TRAIN, DEV, unscored_context())
    places = np.flatnonzero(DEV.inner)
    found, expected = model.place_scores(DEV, places), by_whole_rows(model, DEV, places)
    assert found[:, UNK:] - found[:, UNK:2] == pytest.approx(expected[:, UNK:] - expected[:, UNK:2], abs=1e-6)


def test_the_bigrams_by_their_last_word() -> None:
    model = NGram(SIZE, order=2, smoothing="witten-bell")
    model.fit(TRAIN, DEV, unscored_context())
    trie: Trie = model.trie
    order, starts = trie.by_last_word
    for word in range(SIZE):
        own = order[starts[word] : starts[word + 1]]
        assert (trie.levels[1].words[own] == word).all()
    assert sorted(order.tolist()) == list(range(len(trie.levels[1])))
