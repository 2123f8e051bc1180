"""Every command on saved runs of the kinds ``number`` and ``set``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import core
from core.__main__ import main
from core.runs.verdicts import read_verdict
from core.view.rows import baseline_names

SMALL = {"quiet": True, "data.rows": 200, "threads": 1}
COUNTS = {"encoder.order": 2, "encoder.smoothing": "witten-bell", "head.bag": 0.5, "head.unknown": "score"}
OPTIONS = {"ngram": COUNTS, "bag": {"train.epochs": 4}, "cnn": {"train.epochs": 4, "encoder.channels": 20}}
TASKS = ("regression", "multilabel")

Call = Callable[..., str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("runs")
    for task in TASKS:
        for encoder, options in OPTIONS.items():
            core.run(task=task, encoder=encoder, name=f"{task}-{encoder}", runs=str(folder), **SMALL, **options)
    yield folder


@pytest.fixture
def call(runs: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on the saved runs; its output, or its error where it fails."""

    def run(command: str, *arguments: str) -> str:
        capsys.readouterr()
        try:
            main([command, f"runs={runs}", *arguments])
        except SystemExit as end:
            if end.code:
                return capsys.readouterr().err
        return capsys.readouterr().out

    return run


def found(runs: Path, task: str) -> dict[str, list[core.Result]]:
    from core.runs import store

    return {encoder: [store.read(store.find(runs, f"{task}-{encoder}"))] for encoder in OPTIONS}


@pytest.mark.parametrize("encoder", OPTIONS)
def test_every_model_answers_alike_when_it_is_loaded_again(call: Call, encoder: str) -> None:
    own = call("predict", f"run=regression-{encoder}", "output=jsonl", "goro dega", "")
    first, empty = map(json.loads, own.splitlines())
    assert first["text"] == "goro dega" and all(40 < row["number"] < 60 for row in (first, empty))
    text = call("predict", f"run=regression-{encoder}", "goro dega")
    assert text == f"{first['number']:.6g}\tgoro dega\n"
    sets = call("predict", f"run=multilabel-{encoder}", "output=jsonl", "probabilities=true", "gago tuzavo")
    row = json.loads(sets)
    assert set(row["labels"]) == {name for name, p in row["probabilities"].items() if p >= 0.5}
    tsv = call("predict", f"run=multilabel-{encoder}", "output=tsv", "gago tuzavo")
    assert tsv == f"{'|'.join(row['labels'])}\tgago tuzavo\n"


def test_a_number_has_no_probability(call: Call) -> None:
    message = call("predict", "run=regression-ngram", "output=jsonl", "probabilities=true", "goro")
    assert "predictions of kind number have no probabilities" in message


def test_other_data_is_evaluated_with_the_baselines_of_training(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "other.tsv"
    file.write_text("text\tlabel\ngoro dega\t50.5\ngoro\t48\n", "utf-8")
    out = call("evaluate", "run=regression-bag", f"data={file}")
    assert all(word in out for word in ("RMSE", "pearson", "mean", "median", "chance"))
    file.write_text("text\tlabel\ngoro dega\t50.5\ngoro\tfine\n", "utf-8")
    assert f"{file}:3: the label 'fine' is not a finite number" in call(
        "evaluate", "run=regression-bag", f"data={file}"
    )
    file.write_text("text\tlabel\ngago\tsport|music\ngezi\t\ngezi\tdance\n", "utf-8")
    out = call("evaluate", "run=multilabel-bag", f"data={file}")
    assert all(word in out for word in ("micro F1", "no label", "all labels"))


def test_mistakes_and_reports_are_shown(call: Call) -> None:
    errors = call("errors", "run=regression-bag", "limit=2")
    assert "mean squared error" in errors and "predicted" in errors
    both = call("errors", "run=regression-bag,regression-ngram", "limit=2")
    assert "the largest difference of their squared errors first" in both
    assert "errors by range" in call("report", "run=regression-bag")
    assert "pairs, the most frequent first" in call("errors", "run=multilabel-cnn", "limit=2")
    assert "both wrong first" in call("errors", "run=multilabel-cnn,multilabel-bag", "limit=2")
    report = call("report", "run=multilabel-cnn")
    assert "precision" in report and "expected calibration error" in report


@pytest.mark.parametrize("task", TASKS)
def test_rows_are_compared_by_their_sums_and_a_page_shows_them(
    runs: Path, call: Call, task: str, tmp_path: Path
) -> None:
    rows = found(runs, task)
    verdict, notes = read_verdict(rows)
    assert verdict is not None and verdict.unit == "row" and not notes
    names = baseline_names([run for own in rows.values() for run in own])
    assert set(names) >= ({"mean", "median"} if task == "regression" else {"labels of most rows", "no label"})
    page = tmp_path / "page.html"
    call("report", f"task={task}", f"out={page}")
    assert f"{task} on toy-" in page.read_text("utf-8")


def test_a_network_never_beats_the_noise(runs: Path) -> None:
    for (run,) in found(runs, "regression").values():
        assert run.baselines["ceiling"]["rmse"] < run.metrics["test"]["rmse"] < run.baselines["chance"]["rmse"]


def test_a_threshold_that_dev_chose_is_part_of_the_saved_config(tmp_path: Path) -> None:
    options = {**SMALL, **OPTIONS["cnn"], "head.threshold": "auto"}
    result = core.run(task="multilabel", encoder="cnn", runs=str(tmp_path), **options)
    plain = core.run(task="multilabel", encoder="cnn", runs=str(tmp_path), **{**options, "head.threshold": 0.5})
    chosen = float(result.chosen["head.threshold"])
    assert 0.05 <= chosen <= 0.95 and float(result.config["head.threshold"]) == chosen
    assert result.metrics["dev"]["micro_f1"] >= plain.metrics["dev"]["micro_f1"]
    from core.runs.trained_model import load

    (row,) = load(result.folder).predict(["gago tuzavo"], probabilities=True)
    assert set(row.answer) == {name for name, p in row.probabilities.items() if p >= chosen}
