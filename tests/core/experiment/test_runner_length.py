"""Runs whose length follows from the data: what is recorded, and that a saved config gives the same scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import run_command

import core
from core.kinds.token_labels import TokenLabels
from core.runs import store

SMALL = {"encoder": "bag", "data.limit": 200, "train.steps": 50, "threads": 1, "quiet": True}


def run(folder: Path, **options: Any) -> Any:
    return core.run(**{"task": "pos", "runs": str(folder), **SMALL, **options})


def test_the_length_is_recorded_and_the_saved_config_gives_the_same_scores(tmp_path: Path) -> None:
    first = run(tmp_path, **{"train.min_epochs": 1})
    assert first.chosen == {"train.epochs": 4, "train.batch_size": 16, "train.patience": 3}  # 50 steps by 13
    assert first.config["train.epochs"] == 4 and len(first.curve) == 4
    saved = store.read(Path(first.folder)).path / "config.yaml"
    second = core.run(config=str(saved), runs=str(tmp_path / "again"), quiet=True)
    assert second.chosen == {} and second.config["train.epochs"] == "4"
    assert second.metrics == first.metrics
    assert [row["dev_loss"] for row in second.curve] == [row["dev_loss"] for row in first.curve]


def test_the_examples_of_train_are_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, inner = [], TokenLabels.examples
    monkeypatch.setattr(TokenLabels, "examples", lambda kind, c: (built.append(len(c)), inner(kind, c))[1])
    run(tmp_path, **{"train.epochs": 1})
    assert built.count(200) == 1


def test_a_metric_that_the_task_lacks_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "task=sentiment", "encoder=bag", "data.limit=200", "train.metric=f1", f"runs={tmp_path}"]
    done = run_command(capsys, *words)
    assert done.code == 2
    error = "error: train.metric: the task has no metric 'f1' on dev; "
    assert done.err.splitlines()[-1] == error + "choose from: accuracy, macro_f1"


def test_a_language_model_is_selected_by_the_lower_value(tmp_path: Path) -> None:
    metric, options = "bits_per_character", {"task.tokens": "char", "data.limit": 50, "train.epochs": 3}
    result = run(tmp_path, task="lm", **options, **{"train.metric": metric, "train.learning_rate": 80.0})
    assert result.primary == "perplexity" and result.config["train.metric"] == metric
    assert result.metrics["dev"][metric] == pytest.approx(min(row[metric] for row in result.curve), rel=1e-4)


def test_few_rows_are_noted_below_the_table_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["bench", "task=pos,sentiment", "encoder=bag", "data.limit=60", "train.epochs=1", f"runs={tmp_path}"]
    note = "note: toy: train has 60 rows, so scores depend much on the seed: give seed=1,2,3,4,5"
    done = run_command(capsys, *words, "quiet=true")
    assert (done.out + done.err).count(note) == 1
    one = run_command(capsys, "run", *words[2:], "task=sentiment", "quiet=true")
    assert (one.out + one.err).count(note) == 1
    assert "chosen on dev" not in one.out
