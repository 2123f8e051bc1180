"""What the kernels draw, compared with the stated distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plugins.embeddings.word2vec.schedule import all_pieces
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables
from plugins.embeddings.word2vec.text import Text

COUNTS = np.array([4000, 900, 500, 100, 40, 30, 7, 7, 2, 1])
SIZE = len(COUNTS)


def tables_of(values: list[int], **options: object) -> Tables:
    text = Text(
        np.array(values, dtype=np.int32), np.array([0, len(values)]), [str(i) for i in range(SIZE)], COUNTS, ""
    )
    return Tables(text, np.arange(SIZE), Settings(dim=4, window=1, **options), seed=0)  # type: ignore[arg-type] # any option


def test_noise_is_proportional_to_f_to_the_three_quarters_without_the_word_itself() -> None:
    tables = tables_of([2] * 1000, sample=0.0)
    view = tables.view()
    drawn = np.zeros(SIZE)
    for seed in range(20):
        view.state[:] = seed * 99_991
        view.train(all_pieces(tables.text.offsets), 0)
        negatives = view.arrays["rows"].reshape(-1, view.plan.padded)[:1000, 1:6]
        drawn += np.bincount(negatives.ravel(), minlength=SIZE)
    assert drawn[2] == 0
    rates = np.delete(COUNTS**0.75, 2)
    expected = rates / rates.sum() * drawn.sum()
    assert drawn.sum() == 100_000
    assert stats.chisquare(np.delete(drawn, 2), expected).pvalue > 1e-3
    assert stats.chisquare(np.delete(drawn, 2), np.full(SIZE - 1, drawn.sum() / (SIZE - 1))).pvalue < 1e-9


@pytest.mark.parametrize("formula", ["paper", "word2vec"])
def test_frequent_words_are_kept_as_often_as_the_formula_says(formula: str) -> None:
    values = np.tile(np.arange(SIZE), 100).tolist()
    tables = tables_of(values, sample=1e-2, subsampling=formula)
    view = tables.view()
    kept, trials = np.zeros(SIZE), 200
    for seed in range(trials):
        view.state[:] = seed * 99_991
        view.arrays["words"][:] = SIZE
        view.train(all_pieces(tables.text.offsets), 0)
        kept += np.bincount(view.arrays["words"], minlength=SIZE + 1)[:SIZE]
    share = COUNTS / COUNTS.sum()
    chance = np.sqrt(1e-2 / share) + (1e-2 / share if formula == "word2vec" else 0)
    assert (chance < 1).sum() >= 3
    for word in range(SIZE):
        if chance[word] >= 1:
            assert kept[word] == 100 * trials
        else:
            observed = [kept[word], 100 * trials - kept[word]]
            expected = [100 * trials * chance[word], 100 * trials * (1 - chance[word])]
            assert stats.chisquare(observed, expected).pvalue > 1e-3
