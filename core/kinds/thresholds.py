"""From which probability on a label is predicted, chosen on dev."""

from __future__ import annotations

from collections.abc import Callable

from core.types import Array, Arrays

HALF = 0.5
CANDIDATES = tuple(sorted((n / 20 for n in range(1, 20)), key=lambda value: abs(value - HALF)))


def best_threshold(probs: Array, score: Callable[[Arrays], float]) -> float:
    """The threshold with the best score, of equal ones the one that is nearest to one half.

    Args:
        probs: float (R, L), the probability of each label in each row of dev.
        score: predictions of kind ``set`` -> a number, more is better.
    """
    return max(CANDIDATES, key=lambda value: score({"labels": probs >= value, "probs": probs}))
