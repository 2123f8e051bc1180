"""What dev decides: the strength by its score, the weighting only where it separates the two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from plugins.models.linear.classifier import Weights
from plugins.models.linear.selection import STRENGTHS, Fitted, candidates, choose, separated

WEIGHTS = Weights(np.zeros((1, 1), dtype=np.float32), np.zeros(1, dtype=np.float32))
ROWS = 400


def fit_with(rights: dict[tuple[str, float], int], tried: list[tuple[str, float]]):
    def fit(weighting: str, strengths: Sequence[float]) -> list[Fitted]:
        tried.extend((weighting, strength) for strength in strengths)
        counts = [rights.get((weighting, strength), 100) for strength in strengths]
        rows = np.arange(ROWS)
        return [Fitted(weighting, s, WEIGHTS, n / ROWS, rows < n) for s, n in zip(strengths, counts, strict=True)]

    return fit


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(300, ("tfidf", 3.0)), (303, ("tfidf", 3.0)), (304, ("ratio", 3.0)), (100, ("tfidf", 3.0))],
)
def test_the_simpler_weighting_stays_unless_dev_separates_the_other(
    ratio: int, expected: tuple[str, float]
) -> None:
    """All of 3 gained rows are 1.73 standard errors, all of 4 are 2."""
    tried: list[tuple[str, float]] = []
    found = choose("auto", "auto", fit_with({("tfidf", 3.0): 300, ("ratio", 3.0): ratio}, tried))
    assert (found.weighting, found.strength) == expected
    assert tried == [(name, strength) for name, strengths in STRENGTHS.items() for strength in strengths]
    assert len(tried) == candidates("auto", "auto")


def test_of_equal_scores_the_stronger_regularisation_is_taken() -> None:
    assert choose("tfidf", "auto", fit_with({}, [])).strength == STRENGTHS["tfidf"][0]


def test_what_is_given_is_not_chosen() -> None:
    tried: list[tuple[str, float]] = []
    assert choose("ratio", 2.5, fit_with({}, tried))[:2] == ("ratio", 2.5)
    assert tried == [("ratio", 2.5)] and candidates("ratio", 2.5) == 1


def test_gains_are_held_against_losses() -> None:
    first, second = np.zeros(100, dtype=bool), np.zeros(100, dtype=bool)
    second[:20], first[20:30] = True, True  # 10 more, of 30 that differ: 1.83 standard errors
    assert not separated(first, second)
    first[29] = False  # 11 more, of 29: 2.04
    assert separated(first, second) and not separated(second, first)
