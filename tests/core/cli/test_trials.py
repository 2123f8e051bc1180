"""``budget=trials:N`` on ``run`` and ``bench``: the best on dev, though test would choose otherwise; test once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Done, run_command

import core
from core.config import RunConfig
from core.errors import TrainingError
from core.experiment import runner
from core.runs import store
from core.runs.result import Result

NGRAM = ["task=lm", "encoder=ngram", "encoder.smoothing=witten-bell", "budget=trials:6", "quiet=true"]


@pytest.fixture
def seqlab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: run_command(capsys, *words)


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Text whose dev split repeats whole rows of train, while the words of its test split have no order."""
    random = np.random.default_rng(0)
    words = [f"w{number}" for number in range(12)]
    rows = [" ".join(random.choice(words, 6)) for _ in range(8)]
    mixed = [" ".join(random.choice(words, 6)) for _ in range(40)]
    (tmp_path / "text").mkdir()
    for split, text in (("train", rows * 10), ("dev", rows), ("test", mixed)):
        (tmp_path / "text" / f"{split}.txt").write_text("\n".join(text) + "\n")
    return f"data={tmp_path / 'text'}"


def saved(trials: bool) -> list[Result]:
    return [result for result in store.all_runs(Path("runs"))[0] if result.scores_test != trials]


def order(result: Result) -> int:
    return int(result.config["encoder.order"])


def test_the_best_on_dev_is_chosen_where_test_would_choose_another(
    seqlab: Callable[..., Done], data: str, tmp_path: Path
) -> None:
    done = seqlab("bench", *NGRAM, data, "seed=1,2")
    assert done.code == 0, done.err
    trials, runs = saved(True), saved(False)
    assert trials and all(set(run.metrics) == {"dev"} == set(run.fingerprints) for run in trials)
    assert not any(run.baselines for run in trials)
    tuned = [run for run in runs if run.config["tuned"] != "none"]
    best = min(trials, key=lambda run: run.metrics["dev"]["perplexity"])
    assert [run.seed for run in tuned] == [1] and len(runs) == 2  # no seed matters to it
    assert {order(run) for run in tuned} == {order(best)}
    alone = [
        core.run(
            task="lm",
            encoder="ngram",
            quiet=True,
            runs="other",
            data=data.partition("=")[2],
            **{"encoder.smoothing": "witten-bell", "encoder.order": order(run)},
        )
        for run in trials
    ]
    assert order(min(alone, key=lambda run: run.score)) != order(best), "the data does not separate dev from test"
    assert "ngram (tuned, 6 trials)" in done.out and "│ ngram  " in done.out
    facts = tuned[0].facts["search"]
    assert len(facts["trials"]) == 6
    assert {entry["run"] for entry in facts["trials"]} == {run.id for run in trials}


def test_the_same_command_runs_nothing_and_more_trials_run_the_new_ones(
    seqlab: Callable[..., Done], data: str
) -> None:
    first = seqlab("run", *NGRAM, data)
    known = {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}
    again = seqlab("run", *NGRAM, data)
    assert (first.code, again.code) == (0, 0)
    assert known == {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}
    rows = [[line for line in done.out.splitlines() if line.startswith("│")] for done in (first, again)]
    assert rows[0] == rows[1] and len(rows[0]) > 2
    seqlab("run", *[word.replace("trials:6", "trials:12") for word in NGRAM], data)
    assert known.items() <= {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}.items()


def test_trials_are_hidden_in_the_list_of_runs(seqlab: Callable[..., Done], data: str) -> None:
    seqlab("run", *NGRAM, data)
    hidden = len(saved(True))
    listed = seqlab("runs").out
    assert f"{hidden} runs without a score on test (trials of searches): trials=true lists them" in listed
    assert not any(run.id in listed for run in saved(True)) and all(run.id in listed for run in saved(False))
    assert all(run.id in seqlab("runs", "trials=true").out for run in saved(True))


def test_a_dry_run_says_what_would_be_searched(seqlab: Callable[..., Done], data: str) -> None:
    done = seqlab("bench", *NGRAM, data, "dry_run=true")
    assert "search: ngram on lm" in done.err and "6 trials of encoder.order" in done.err
    assert "2 runs after 6 trials, 2 runs and 6 trials to do, time: ?" in done.err
    assert not Path("runs").exists()


def test_the_plan_counts_the_trials_and_the_runs_that_follow(seqlab: Callable[..., Done], data: str) -> None:
    seqlab("bench", *NGRAM, data)
    runs = len(saved(False))
    done = seqlab("bench", *[word.replace("trials:6", "trials:8") for word in NGRAM], data, "dry_run=true")
    assert f"{runs} runs after 8 trials, " in done.err, done.err
    assert done.err.count("time: 1 s") == 1  # an n-gram model trains fast
    halved = seqlab("bench", *NGRAM, data, "dry_run=true", "search.halving=true")
    assert f"{runs} runs after 6 trials, 1 run and 6 trials to do, time: 1 s + ?" in halved.err
    again = seqlab("bench", *NGRAM, data, "dry_run=true")
    assert f"{runs} runs after 6 trials, at most " in again.err


def test_a_trial_that_fails_is_said_and_the_others_count(
    seqlab: Callable[..., Done], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = runner.run_one

    def run_one(config: RunConfig, observers: Any) -> Result:
        if config.encoder.options["order"] == 2:
            raise TrainingError("the loss is not finite")
        return own(config, observers)

    monkeypatch.setattr(runner, "run_one", run_one)
    done = seqlab("run", *[word for word in NGRAM if word != "quiet=true"], data)
    assert done.code == 0 and " of 6 trials failed; trial " in done.err and "failed: " in done.err
    assert "ngram (tuned, 6 trials)" in done.out


def test_python_returns_the_run_with_the_best_options(seqlab: Callable[..., Done], data: str) -> None:
    overrides = dict(word.split("=", 1) for word in [*NGRAM, data])
    result = core.run(**overrides)
    assert result.config["tuned"].startswith("trials:6+seed:1+number:") and result.facts["search"]["trials"]


def test_a_run_without_test_shows_dev(seqlab: Callable[..., Done], data: str) -> None:
    words = [word for word in NGRAM if not word.startswith("budget")]
    for command in ("run", "bench"):
        done = seqlab(command, *words, data, "test=false")
        assert done.code == 0 and "dev" in done.out, done.err
    record = json.loads(next(Path("runs").glob("*/run.json")).read_text())
    assert set(record["metrics"]) == {"dev"}


@pytest.mark.parametrize("command", ["run", "bench"])
def test_a_search_that_is_interrupted_says_so_and_goes_on(
    command: str, seqlab: Callable[..., Done], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = runner.run_one

    def run_one(config: RunConfig, observers: Any) -> Result:
        if len(list(Path("runs").glob("*/run.json"))) == 2:
            raise KeyboardInterrupt
        return own(config, observers)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "run_one", run_one)
        done = seqlab(command, *NGRAM, data)
    assert done.code == 130 and "the same command reuses the finished runs" in done.err and not done.out
    assert len(saved(True)) == 2 and not saved(False)
    assert seqlab(command, *NGRAM, data).code == 0 and len(saved(False)) == 2
