"""Weights of a log-linear score, chosen on held-out rows by what a task measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

from core.counting.decoding.beam import Weights

START = Weights(language=1.0, word=0.5, phrase=0.0, jump=0.6)
STEPS = Weights(language=0.2, word=0.5, phrase=0.4, jump=0.2)
ROUNDS = 2  # steps are halved after each


def tune(score: Callable[[Weights], float], rounds: int = ROUNDS) -> Weights:
    """Pattern search (Hooke and Jeeves, 1961): one weight at a time, a step up or down as long as that is better.

    Args:
        score: of weights; more is better.
        rounds: how often all weights are tried.
    """
    best, steps = list(astuple(START)), list(astuple(STEPS))
    top = score(Weights(*best))
    for _ in range(rounds):
        for number, step in enumerate(steps):
            for signed in (step, -step):
                moved = False
                while True:
                    tried = [*best[:number], best[number] + signed, *best[number + 1 :]]
                    found = score(Weights(*tried)) if _allowed(tried) else -float("inf")
                    if not found > top:
                        break
                    best, top, moved = tried, found, True
                if moved:
                    break
        steps = [step / 2 for step in steps]
    return Weights(*best)


def _allowed(weights: list[float]) -> bool:
    """A jump never adds to the score, nor does what the language model finds unlikely."""
    language, _, _, jump = weights
    return language > 0 and jump >= 0
