"""Saved runs as the table of ``bencheval``: its columns, and what the package ranks from it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run_command
from results import made

from core.errors import DataError
from core.runs.result import Result
from core.view.bencheval import COLUMNS, table

TIMES = {"train_seconds": 2.0, "predict_seconds": 0.5}
SCORES = {  # of pos in percent, of lm as a perplexity: gru is best, bag is worst
    "gru": {"pos": (90.0, 91.0), "lm": (20.0, 21.0)},
    "lstm": {"pos": (88.0, 89.0), "lm": (25.0, 26.0)},
    "bag": {"pos": (50.0, 51.0), "lm": (90.0, 91.0)},
}


def scored(encoder: str, task: str, seed: int, score: float, number: int) -> Result:
    run = made(score, number, task, task, encoder_size=8)
    metric = {"lm": "perplexity", "pos": "accuracy"}[task]
    metrics = {split: {metric: score} for split in ("dev", "test")}
    run = replace(run, encoder=encoder, seed=seed, primary=metric, minimize=task == "lm", metrics=metrics)
    return replace(run, cost=run.cost | TIMES, folder=f"runs/{run.id}")


def grid() -> list[Result]:
    return [
        scored(encoder, task, seed, score, number * 10 + (task == "lm") * 2 + seed)
        for number, (encoder, tasks) in enumerate(SCORES.items())
        for task, scores in tasks.items()
        for seed, score in enumerate(scores, start=1)
    ]


def test_scores_become_errors_of_which_less_is_better() -> None:
    columns, notes = table(grid())
    assert tuple(columns) == COLUMNS and not notes
    rows = list(zip(*columns.values(), strict=True))
    assert len(rows) == 12 and rows[0] == ("gru", "pos on toy", 1, pytest.approx(0.10), 2.0, 0.5)
    assert rows[-1] == ("bag", "lm on toy", 2, 91.0, 2.0, 0.5)


def test_a_model_that_no_seed_matters_to_has_its_error_under_every_seed() -> None:
    counted = scored("bag", "pos", 1, 50.0, 90)
    counted = replace(counted, encoder="ngram", facts=counted.facts | {"seeded": False})
    columns, notes = table([*(run for run in grid() if run.task == "pos"), counted])
    own = [row for row in zip(*columns.values(), strict=True) if row[0] == "ngram"]
    assert [row[1:4] for row in own] == [("pos on toy", 1, 0.5), ("pos on toy", 2, 0.5)] and not notes


def test_rows_that_differ_in_an_option_are_methods_of_their_own() -> None:
    small = scored("gru", "pos", 1, 90.0, 1)
    large = replace(scored("gru", "pos", 1, 91.0, 2), config={"encoder.size": "16"})
    assert table([small, large])[0]["method"] == ["gru size=8", "gru size=16"]


def test_other_events_and_other_splits_are_tasks_of_their_own() -> None:
    first, other = scored("gru", "pos", 1, 90.0, 1), scored("gru", "pos", 1, 91.0, 2)
    other = replace(other, fingerprints={"dev": "b", "test": "b"})
    assert table([first, other])[0]["task"] == ["pos on toy (1)", "pos on toy (2)"]
    other = replace(other, config=other.config | {"data.split_seed": "3"})
    assert table([first, other])[0]["task"] == ["pos on toy, split 0", "pos on toy, split 3"]


def test_what_has_no_error_is_left_out_and_what_is_missing_is_named() -> None:
    runs = grid()
    runs[0] = replace(runs[0], status="interrupted")
    runs[1].metrics["test"]["accuracy"] = math.nan
    runs[4].metrics["test"]["accuracy"] = 250.0  # a count, not a share
    runs[8] = replace(runs[8], cost={})
    trial = scored("gru", "pos", 3, 90.0, 99)
    del trial.metrics["test"]  # as the trials of a search
    columns, notes = table([*runs, trial])
    assert len(columns["seed"]) == 8
    texts = list(map(str, notes))
    assert texts[:4] == [
        "1 run is left out: interrupted",
        "2 runs are left out: without a finite score on test",
        "1 run is left out: accuracy is not a share, so it has no error",
        "1 run is left out: without the seconds of training and prediction",
    ]
    assert len(texts) == 5 and "missing: gru on pos on toy, seed 2; its fillna_data fills them" in texts[4]


def test_two_runs_of_one_cell_and_no_run_are_errors() -> None:
    run = scored("gru", "pos", 1, 90.0, 1)
    with pytest.raises(DataError, match="000000000001 and 000000000001 are both gru on pos on toy, seed 1"):
        table([run, replace(run, folder="runs/copy")])
    with pytest.raises(DataError, match="no run has a score on test"):
        table([replace(run, status="interrupted")])


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for run in grid():
        folder = tmp_path / run.folder
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(run.to_json()), "utf-8")
    return tmp_path


def test_the_command_writes_the_runs_that_are_asked_for(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "export", "format=bencheval", "out=all.csv", "where=encoder!=bag and seed=1")
    assert done.code == 0 and done.err == "wrote all.csv (4 rows: 2 methods, 2 tasks, 1 seed)\n"
    lines = (saved / "all.csv").read_text().splitlines()
    assert lines[0] == ",".join(COLUMNS) and lines[1] == "gru,pos on toy,1,0.1,2.0,0.5" and len(lines) == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["out=a.csv"], "run is missing; write run=...: ID or name of a saved run, or format=bencheval"),
        (["format=bencheval", "out=a.txt"], "'a.txt' does not end in .csv or .parquet"),
        (["format=bencheval", "out=a.csv", "run=x"], "format=bencheval writes all runs"),
        (["run=x", "out=a.csv", "where=seed=1"], "only format=bencheval takes it"),
        (["format=bencheval", "out=a.csv", "where=sed=1"], "no run has 'sed'; did you mean 'seed'"),
        (["format=bencheval", "out=a.csv", "where=seed=7"], "no run has a score on test"),
        (["format=bencheval", "out=a.csv", "runs=elsewhere"], "no run has a score on test"),
        (["format=bencheval", "out=no/folder/a.csv"], "cannot be written: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("saved")
def test_a_wrong_export_is_one_sentence(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_command(capsys, "export", *words)
    assert done.code in (1, 2) and message in done.err and len(done.err.splitlines()) == 1


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_bencheval_ranks_the_encoders(ending: str, saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluator = pytest.importorskip("bencheval.evaluator", reason="needs bencheval (extra compare)")
    pandas = pytest.importorskip("pandas")
    assert run_command(capsys, "export", "format=bencheval", f"out=all.{ending}").code == 0
    data = getattr(pandas, f"read_{ending}")(saved / f"all.{ending}")
    board = evaluator.BenchmarkEvaluator(seed_column="seed").leaderboard(data, include_error=True)
    assert list(board.index) == ["gru", "lstm", "bag"]
    assert list(board["rank"]) == [1.0, 2.0, 3.0] and list(board["winrate"]) == [1.0, 0.5, 0.0]
    assert list(board["elo"]) == sorted(board["elo"], reverse=True) and board["elo"].is_unique
    means = {"gru": (0.095 + 20.5) / 2, "lstm": (0.115 + 25.5) / 2, "bag": (0.495 + 90.5) / 2}
    assert board["metric_error"].to_dict() == pytest.approx(means)
    assert board["time_train_s"].to_dict() == pytest.approx(dict.fromkeys(means, 2.0))
