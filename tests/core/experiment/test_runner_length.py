"""Runs whose length follows from the data: what is recorded, and that a saved config gives the same scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import run_command
from small_data import SIZES, write_small

import core
from core.kinds.token_labels import TokenLabels
from core.runs import store

SMALL = {"encoder": "bag", "threads": 1, "quiet": True}


def run(folder: Path, task: str = "pos", **options: Any) -> Any:
    return core.run(task=task, data=write_small(folder)[task], runs=str(folder / "runs"), **SMALL, **options)


def test_the_length_is_recorded_and_the_saved_config_gives_the_same_scores(tmp_path: Path) -> None:
    first = run(tmp_path, **{"train.min_epochs": 1, "train.steps": 10})
    assert first.chosen == {"train.epochs": 4, "train.batch_size": 16, "train.patience": 6}  # 10 steps by 3
    assert first.config["train.epochs"] == "4" and len(first.curve) == 4
    saved = store.read(Path(first.folder)).path / "config.yaml"
    second = core.run(config=str(saved), runs=str(tmp_path / "again"), quiet=True, threads=1)
    assert second.chosen == {} and second.config["train.epochs"] == "4"
    assert second.metrics["test"]["accuracy"] == first.metrics["test"]["accuracy"]
    assert [row["dev_loss"] for row in second.curve] == [row["dev_loss"] for row in first.curve]


def test_the_examples_of_train_are_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, inner = [], TokenLabels.examples
    monkeypatch.setattr(TokenLabels, "examples", lambda kind, c: (built.append(len(c)), inner(kind, c))[1])
    run(tmp_path, **{"train.epochs": 1})
    assert built.count(SIZES["train"]) == 1


def test_a_metric_that_the_task_lacks_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = f"data={write_small(tmp_path)['sentiment']}"
    words = ["run", "task=sentiment", "encoder=bag", data, "train.metric=f1", f"runs={tmp_path / 'runs'}"]
    done = run_command(capsys, *words)
    assert done.code == 2
    error = "error: train.metric: the task has no metric 'f1' on dev; choose from: accuracy, macro_f1"
    assert done.err.splitlines()[-1] == error


def test_a_language_model_is_selected_by_the_lower_value(tmp_path: Path) -> None:
    metric, options = "bits_per_character", {"task.tokens": "char", "train.epochs": 4}
    data = tmp_path / "text"
    data.mkdir()
    for split in ("train", "dev", "test"):
        (data / f"{split}.txt").write_text("the cats sleep\na dog sees the cats\n" * 9)
    words = {"runs": str(tmp_path), "train.metric": metric, "train.learning_rate": 300.0}
    result = core.run(task="lm", data=str(data), **SMALL, **options, **words)
    curve = [row[metric] for row in result.curve]
    assert result.primary == "perplexity" and result.config["train.metric"] == metric
    assert min(curve) < max(curve)
    assert result.metrics["dev"][metric] == pytest.approx(min(curve), rel=1e-4)


def test_few_rows_are_noted_below_the_table_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_small(tmp_path)["pos"]
    words = [f"data={data}", "encoder=bag,window", "train.epochs=1", f"runs={tmp_path / 'runs'}", "quiet=true"]
    note = f"note: {data}: train has 40 rows, so scores depend much on the seed: give seed=1,2,3,4,5"
    done = run_command(capsys, "bench", "task=pos", *words)
    assert (done.out + done.err).count(note) == 1
    one = run_command(capsys, "run", "task=pos", *words)
    assert (one.out + one.err).count(note) == 1
    assert "chosen on dev" not in one.out
