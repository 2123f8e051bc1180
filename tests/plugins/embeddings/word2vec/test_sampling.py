"""The tables that words are drawn with."""

from __future__ import annotations

import numpy as np

from plugins.embeddings.word2vec.sampling import WHOLE, alias_table, keep_chances

COUNTS = np.array([4000, 900, 500, 100, 40, 30, 7, 7, 2, 1])


def test_the_alias_table_holds_its_distribution_exactly() -> None:
    weights = np.random.default_rng(0).pareto(1, 1000) + 1e-3
    accept, alias = alias_table(weights)
    own = accept / WHOLE
    found = own + np.bincount(alias, 1 - own, minlength=1000)
    np.testing.assert_allclose(found / 1000, weights / weights.sum(), atol=1e-9)


def test_without_a_threshold_every_occurrence_is_kept() -> None:
    assert (keep_chances(COUNTS, 0.0, "paper") == 1).all()
