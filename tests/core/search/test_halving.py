"""Successive halving: which trials go on, for how long, whatever the order in which they finish."""

from __future__ import annotations

import pytest
from trial_cases import expanded, searched

from core.config import RunConfig
from core.search.halving import LENGTHS
from core.search.length import shortened

HALVING = {"budget": "trials:9", "search__halving": "true", "train__steps": 900, "train__min_epochs": 9}


def rank(config: RunConfig) -> float:
    """The distance of the dimension from 80 stands for the score; the default (100) is never the best."""
    return -abs(float(config.embeddings["random"].options["dim"]) - 80)


@pytest.mark.parametrize("backwards", [False, True])
def test_the_best_third_of_a_rung_goes_on(backwards: bool) -> None:
    found, ran = searched(expanded(**HALVING), rank, backwards)
    study = found.studies[0]
    rungs = {length: [t for t in study.tried if t.trial.length == length] for length in LENGTHS}
    scores = {t.trial.number: t.score for t in rungs[LENGTHS[0]]}
    assert sorted(scores) == list(range(9))  # each of the nine trials for a ninth
    third = sorted(scores, key=lambda number: (-scores[number], number))[:3]
    assert sorted(t.trial.number for t in rungs[LENGTHS[1]]) == sorted({*third, 0})
    best = min(third, key=lambda number: (-scores[number], number))
    assert {t.trial.number for t in rungs[1.0]} >= {0, best} and len(rungs[1.0]) <= 3
    assert study.best is not None and study.best.trial.number == best
    assert {run.train["steps"] for run in ran[:9]} == {100} and {run.train["min_epochs"] for run in ran[:9]} == {1}
    assert {run.train["steps"] for run in ran[-len(rungs[1.0]) :]} == {900}


def test_a_short_trial_is_never_chosen() -> None:
    found, _ = searched(expanded(**HALVING), lambda config: 1000.0 - config.train["steps"])
    best = found.studies[0].best
    assert best is not None and best.score == 100 and best.trial.length == 1


def test_failed_trials_do_not_go_on() -> None:
    found, _ = searched(expanded(**HALVING), lambda config: None if rank(config) < -30 else rank(config))
    first = [t for t in found.studies[0].tried if t.trial.length == LENGTHS[0]]
    failed = {t.trial.number for t in first if t.error}
    later = {t.trial.number for t in found.studies[0].tried if t.trial.length > LENGTHS[0]}
    assert failed and not failed & later


def test_a_model_without_a_training_loop_is_trained_whole() -> None:
    grid = expanded(task="lm", encoder="ngram", budget="trials:4", search__halving="true")
    found, ran = searched(grid, lambda config: 1.0)
    assert len(ran) == 4 and {t.trial.length for t in found.studies[0].tried} == {1.0}


def test_a_share_of_a_training_is_one_of_its_seconds_epochs_or_steps() -> None:
    assert shortened(expanded(train__epochs=10)[0], 1 / 3) == {"train.epochs": 4}
    assert shortened(expanded(budget="time:90s")[0], 1 / 9) == {"budget": "time:10s"}
    assert shortened(expanded()[0], 1.0) == {}
    assert shortened(expanded(train__steps=100, train__min_epochs=6)[0], 1 / 9) == {
        "train.steps": 12,
        "train.min_epochs": 1,
    }
