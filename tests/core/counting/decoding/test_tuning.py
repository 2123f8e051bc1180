"""The search for weights."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from core.counting.decoding.beam import Weights
from core.counting.decoding.tuning import START, STEPS, tune

BEST = Weights(language=1.3, word=-0.6, phrase=0.3, jump=0.1)


def test_it_climbs_to_a_maximum():
    tried = []

    def score(weights):
        tried.append(weights)
        return -sum((a - b) ** 2 for a, b in zip(astuple(weights), astuple(BEST), strict=True))

    found = tune(score, rounds=6)
    assert astuple(found) == pytest.approx(astuple(BEST), abs=0.05)
    assert len(tried) < 130
    assert score(found) == max(score(weights) for weights in list(tried))


def test_without_a_better_score_the_weights_stay():
    assert tune(lambda weights: 1.0) == START
    assert tune(lambda weights: float("nan")) == START


def test_the_language_model_always_counts_and_no_jump_is_rewarded():
    tried = []

    def score(weights):
        tried.append(weights)
        return -weights.language - weights.jump - len(tried) * 1e-9

    tune(score)
    assert min(weights.language for weights in tried) > 0
    assert min(weights.jump for weights in tried) >= 0
    assert any(weights.jump < STEPS.jump for weights in tried)
