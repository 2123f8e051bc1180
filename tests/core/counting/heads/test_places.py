"""The word at a place by whole-row probabilities: P(w | the rest) by enumeration with plain numbers."""

from __future__ import annotations

import numpy as np
import pytest

from core.counting.base import CountModel
from core.counting.heads import places as module
from core.counting.heads.places import by_whole_rows, place_scores
from core.data.vocab import END, UNK
from core.testing.rows import random_rows, unscored_context
from plugins.encoders.ngram import NGram

SIZE = 6


def fitted(order: int) -> CountModel:
    model = NGram(SIZE, order=order, smoothing="witten-bell")
    model.fit(random_rows(60, SIZE, seed=1), random_rows(20, SIZE, seed=2), unscored_context())
    return model


def row_log_prob(model: CountModel, row: list[int]) -> float:
    """log P of one row, symbol by symbol."""
    total, history = 0.0, [END]
    for symbol in [*row, END]:
        total += float(model.next_log_probs(np.array([history], dtype=np.int32))[0, symbol])
        history.append(symbol)
    return total


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("whole", [False, True])
def test_whole_rows_are_scored_with_each_word(order: int, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOKENS", 7)
    model, rows = fitted(order), random_rows(6, SIZE, seed=5, longest=6)
    if whole:
        model.context_size = None  # a model that looks back over the whole row
    places = np.flatnonzero(rows.inner)
    found = by_whole_rows(model, rows, places)
    for scores, place in zip(found, places.tolist(), strict=True):
        row = int(np.searchsorted(rows.offsets, place, side="right")) - 1
        words, at = rows[row][:-1].tolist(), place - int(rows.offsets[row])
        every = [row_log_prob(model, [*words[:at], w, *words[at + 1 :]]) for w in range(UNK, SIZE)]
        expected = np.exp(every) / np.exp(every).sum()
        given = np.exp(scores[UNK:] - scores[UNK:].max())
        assert given / given.sum() == pytest.approx(expected, rel=1e-5)
        assert scores[END] == -np.inf


def test_no_place_has_no_scores() -> None:
    assert place_scores(fitted(2), random_rows(1, SIZE), np.zeros(0, np.int64)).shape == (0, SIZE)
