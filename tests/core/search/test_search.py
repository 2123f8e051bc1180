"""The trials of a grid: which are run, which is the best, what is run then."""

from __future__ import annotations

import math

import pytest
from trial_cases import expanded, options_of_trials, searched

from core import config, processes
from core.config import RunConfig
from core.config.search_options import row_label
from core.errors import ConfigError
from core.search.search import Searched


def dim(config: RunConfig) -> float:
    """The dimension of the vectors stands for the score on dev."""
    return float(config.embeddings["random"].options["dim"])


def test_every_encoder_has_the_same_number_of_trials_of_dev_only() -> None:
    found, ran = searched(expanded(encoder="bag,rnn", budget="trials:5", seed="1,2"), lambda config: 50.0)
    assert [len(study.tried) for study in found.studies] == [5, 5] and len(ran) == 10
    assert {(run.run["seed"], run.run["test"], run.run["save"], run.run["budget"]) for run in ran} == {
        (1, False, "none", None)
    }
    assert len({run.id() for run in ran}) == 10


def test_trials_do_not_depend_on_the_order_in_which_they_run() -> None:
    grid = expanded(budget="trials:8")
    found, backwards = (searched(grid, dim, order)[0] for order in (False, True))
    assert options_of_trials(found) == options_of_trials(backwards)
    assert found.studies[0].best == backwards.studies[0].best
    assert [run.flat() for run in found.runs] == [run.flat() for run in backwards.runs]


def test_the_trials_of_a_short_search_are_the_first_of_a_long_one() -> None:
    short, long = (searched(expanded(budget=f"trials:{n}"), dim) for n in (8, 20))
    assert options_of_trials(long[0])[:8] == options_of_trials(short[0])
    assert [run.id() for run in long[1]][:8] == [run.id() for run in short[1]]


def test_the_best_on_dev_is_run_for_every_seed_next_to_the_default() -> None:
    found, ran = searched(expanded(budget="trials:6", seed="3,4"), dim)
    best = max(ran, key=dim)
    usual, tuned = found.runs[:2], found.runs[2:]
    assert [run.run["seed"] for run in found.runs] == [3, 4, 3, 4]
    assert all(run.run["test"] and run.run["budget"] is None for run in found.runs)
    assert {dim(run) for run in usual} == {100} and {dim(run) for run in tuned} == {dim(best)}
    number = next(t.trial.number for t in found.studies[0].tried if t.score == dim(best))
    assert {run.run["tuned"] for run in tuned} == {f"trials:6+seed:1+number:{number}"}
    assert row_label("bag", tuned[0].run["tuned"]) == "bag (tuned, 6 trials)"


def test_a_lower_score_is_better_where_the_task_says_so() -> None:
    found, ran = searched(expanded(task="lm", budget="trials:6"), dim)
    best = found.studies[0].best
    assert best is not None and best.score == min(map(dim, ran))


def test_the_first_of_equal_trials_is_the_best() -> None:
    best = searched(expanded(budget="trials:6"), lambda config: 50.0)[0].studies[0].best
    assert best is not None and best.trial.number == 0


def test_a_failed_trial_counts_and_is_never_the_best() -> None:
    def score(config: RunConfig) -> float | None:
        return None if dim(config) > 150 else math.nan if dim(config) > 100 else dim(config)

    found, ran = searched(expanded(budget="trials:12"), score)
    study = found.studies[0]
    failed = [tried for tried in study.tried if tried.error]
    assert len(study.tried) == 12 and any("not finite" in tried.error for tried in failed)
    assert any("is nan" in tried.error for tried in failed)
    assert study.best is not None and study.best.score == max(dim(run) for run in ran if dim(run) <= 100)


def test_nothing_is_chosen_where_every_trial_fails() -> None:
    found, _ = searched(expanded(budget="trials:3"), lambda config: None)
    assert found.studies[0].best is None
    assert [run.run["tuned"] for run in found.runs] == [None]


def test_where_every_option_is_set_there_are_no_trials() -> None:
    grid = expanded(task="lm", encoder="ngram", budget="trials:9", encoder__order=2, encoder__smoothing="absolute")
    found, ran = searched(grid, dim)
    assert not ran and [run.run["tuned"] for run in found.runs] == [None]


def test_fixed_options_are_those_of_every_run_and_grids_over_them_are_searched_apart() -> None:
    found, ran = searched(expanded(budget="trials:4", embedding__dim="50,60"), lambda config: 1.0)
    assert len(found.studies) == 2 and len(ran) == 8
    assert sorted({dim(run) for run in [*ran, *found.runs]}) == [50, 60]


def test_searches_with_other_budgets_share_the_default() -> None:
    found, _ = searched(expanded(budget="trials:3,trials:6"), dim)
    assert [row_label("bag", run.run["tuned"]) for run in found.runs] == [
        "bag",
        "bag (tuned, 3 trials)",
        "bag (tuned, 6 trials)",
    ]


def test_a_task_whose_dev_is_its_test_is_refused(tmp_path) -> None:
    (tmp_path / "pairs.txt").write_text("a b 1\n")
    grid = expanded(task="similarity", task__pairs=str(tmp_path / "pairs.txt"), budget="trials:3")
    with pytest.raises(ConfigError, match="no dev split of its own"):
        searched(grid, dim)


def test_options_with_which_no_seed_matters_are_run_once() -> None:
    words = ["task=pos", "data=toy", "encoder=crf", "encoder.algorithm=lbfgs,ap", "seed=1,2"]
    found = Searched(others=list(config.expand(words))).runs
    assert [(run.encoder.options["algorithm"], run.run["seed"]) for run in found] == [
        ("lbfgs", 1),
        ("ap", 1),
        ("ap", 2),
    ]


def test_several_processes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "size", lambda: 2)
    with pytest.raises(ConfigError, match="a search runs in one process"):
        searched(expanded(budget="trials:3"), dim)
