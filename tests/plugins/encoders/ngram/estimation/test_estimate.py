"""Probabilities are the same whatever the pieces and the number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import fitted, quiet, random_rows

from plugins.encoders.ngram import model
from plugins.encoders.ngram.counting import counts
from plugins.encoders.ngram.estimation import estimate

ROWS = random_rows(11, 300, size=12)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "katz", "lidstone"])
def test_pieces_and_threads_do_not_change_a_bit(monkeypatch, threads, smoothing):
    whole = fitted(ROWS, 12, order=4, smoothing=smoothing, prune=[0, 0, 1]).arrays()
    monkeypatch.setattr(counts, "PIECE", 50)
    monkeypatch.setattr(estimate, "PIECE", 30)
    monkeypatch.setattr(model, "ALONE", 0)
    apart = fitted(
        ROWS, 12, context=quiet(threads=threads), order=4, smoothing=smoothing, prune=[0, 0, 1]
    ).arrays()
    assert whole.keys() == apart.keys()
    assert all(np.array_equal(whole[name], apart[name]) for name in whole)
