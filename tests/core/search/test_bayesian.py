"""Trials of Optuna: each from the scores of those before it; a killed search goes on in the same way."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trial_cases import expanded, options_of_trials, searched

from core.config import RunConfig
from core.errors import ConfigError
from core.search import bayesian


@pytest.fixture(autouse=True)
def learns_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer trials at random."""
    monkeypatch.setattr(bayesian, "STARTUP", 3)


def score(config: RunConfig) -> float:
    """The best dimension is 64."""
    return -abs(float(config.embeddings["random"].options["dim"]) - 64)


class Killed(BaseException):
    """Stands for the end of a process at any moment."""


def dying(after: int) -> Callable[[RunConfig], float]:
    """The same score, but the process ends in the trial after so many."""
    left = [after]

    def own(config: RunConfig) -> float:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return score(config)

    return own


def grid(runs: Path, **more: Any) -> Any:
    return expanded(budget="trials:6", search__engine="optuna", runs=str(runs), **more)


def test_a_killed_search_goes_on_to_the_same_trials(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    whole, _ = searched(grid(tmp_path / "whole"), score)
    for moment in (1, 4):
        with pytest.raises(Killed):
            searched(grid(tmp_path / "killed"), dying(moment))
    again, _ = searched(grid(tmp_path / "killed"), score)
    assert options_of_trials(again) == options_of_trials(whole)
    assert len(options_of_trials(whole)) == 6 and options_of_trials(whole)[0] == {}
    assert [t.score for t in again.studies[0].tried] == [t.score for t in whole.studies[0].tried]


def test_more_trials_run_only_the_new_ones_and_follow_the_scores(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    first, _ = searched(expanded(budget="trials:3", search__engine="optuna", runs=str(tmp_path)), score)
    more, _ = searched(grid(tmp_path), score)
    assert options_of_trials(more)[:3] == options_of_trials(first)
    other, _ = searched(grid(tmp_path / "other"), lambda config: -score(config))
    assert options_of_trials(other)[:4] == options_of_trials(more)[:4]  # three are drawn before it learns
    assert options_of_trials(other)[4:] != options_of_trials(more)[4:]


def test_a_failed_trial_is_a_failure_of_optuna_too(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    found, _ = searched(
        expanded(budget="trials:4", search__engine="optuna", runs=str(tmp_path)), lambda config: None
    )
    study: Any = found.studies[0]
    assert [trial.state.name for trial in study.study.trials] == ["FAIL"] * 3


def test_a_missing_package_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = builtins.__import__

    def without(name: str, *arguments: Any, **keys: Any) -> Any:
        if name == "optuna":
            raise ImportError(name)
        return own(name, *arguments, **keys)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match="Optuna is not installed"):
        searched(grid(tmp_path), score)


def test_halving_and_optuna_are_one_or_the_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="search.halving"):
        grid(tmp_path, search__halving="true")
