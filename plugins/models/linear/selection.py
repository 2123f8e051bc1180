"""Choosing weighting and strength on dev: the simpler weighting unless dev separates the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from core.types import Bools
from plugins.models.linear.classifier import Weights

# the candidates of each weighting; the simpler weighting and the stronger regularisation come first
STRENGTHS = {"tfidf": (0.3, 1.0, 3.0, 10.0, 30.0, 100.0), "ratio": (0.3, 1.0, 3.0, 10.0, 30.0)}
SEPARATED = 1.96  # standard errors


class Fitted(NamedTuple):
    """A trained candidate and what it does on dev."""

    weighting: str
    strength: float
    weights: Weights
    score: float  # by the task's metric, more is better
    right: Bools  # which rows it answers right (R,)


Fit = Callable[[str, Sequence[float]], list[Fitted]]  # a weighting and strengths -> a candidate of each strength


def choose(weighting: str, strength: float | str, fit: Fit) -> Fitted:
    """The candidate with the best score on dev, of equal ones the one with the strongest regularisation.

    Args:
        weighting: tfidf or ratio; auto: tfidf, unless ratio is better on dev by more than two standard errors.
        strength: the only one; auto: those of ``STRENGTHS``.
        fit: trains the candidates of one weighting.
    """
    names = tuple(STRENGTHS) if weighting == "auto" else (weighting,)
    best: Fitted | None = None
    for name in names:
        strengths = STRENGTHS[name] if strength == "auto" else (float(strength),)
        found = max(fit(name, strengths), key=lambda candidate: candidate.score)
        if best is None or (found.score > best.score and separated(best.right, found.right)):
            best = found
    assert best is not None
    return best


def candidates(weighting: str, strength: float | str) -> int:
    """How many candidates there are."""
    names = tuple(STRENGTHS) if weighting == "auto" else (weighting,)
    return sum(len(STRENGTHS[name]) if strength == "auto" else 1 for name in names)


def separated(first: Bools, second: Bools) -> bool:
    """Whether the second is right on more rows than the first, by more than chance (McNemar's test)."""
    gained, lost = int(np.sum(second & ~first)), int(np.sum(first & ~second))
    return gained - lost > SEPARATED * np.sqrt(gained + lost)
