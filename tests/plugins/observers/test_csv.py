"""The learning curve as CSV: one row per epoch, complete at any time."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from killed import run as run_words
from killed import run_killed, words

from core import run
from plugins.observers.csv import LearningCurve


def started(folder: Path, run_id: str = "abc") -> LearningCurve:
    observer = LearningCurve(folder=str(folder))
    observer.start(id=run_id, title="", config={}, runs="elsewhere")
    return observer


def test_the_file_holds_the_recorded_curve(tmp_path: Path) -> None:
    options = {"data.limit": 60, "train.epochs": 3, "runs": tmp_path, "quiet": True, "observer": "csv"}
    result = run(task="sentiment", encoder="bag", **options)
    with (tmp_path / "curves" / f"{result.id}.csv").open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert rows == [pytest.approx(row) for row in result.curve] and len(rows) == 3


def test_the_file_is_complete_after_each_epoch_and_new_columns_are_added(tmp_path: Path) -> None:
    observer, path = started(tmp_path), tmp_path / "abc.csv"
    assert not path.exists()
    observer.epoch(epoch=1, loss=0.5)
    assert path.read_text() == "epoch,loss\n1,0.5\n"
    observer.epoch(epoch=2, loss=math.nan, late=1.0)
    assert path.read_text() == "epoch,loss,late\n1,0.5,\n2,nan,1.0\n"
    assert [file.name for file in tmp_path.iterdir()] == ["abc.csv"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_previous_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    observer = started(tmp_path)
    observer.epoch(epoch=1, loss=0.5)

    def full(*places: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError):
        observer.epoch(epoch=2, loss=0.4)
    assert (tmp_path / "abc.csv").read_text() == "epoch,loss\n1,0.5\n"
    assert [file.name for file in tmp_path.iterdir()] == ["abc.csv"]


def test_each_run_has_its_own_file(tmp_path: Path) -> None:
    observer = started(tmp_path)
    observer.epoch(epoch=1, loss=0.5)
    observer.start(id="def", title="", config={}, runs="")
    observer.epoch(epoch=1, loss=0.1)
    assert (tmp_path / "def.csv").read_text() == "epoch,loss\n1,0.1\n"
    assert (tmp_path / "abc.csv").read_text() == "epoch,loss\n1,0.5\n"


def test_a_run_that_is_killed_has_each_row_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(folder: Path) -> list[list[str]]:
        (path,) = (folder / "curves").iterdir()
        with path.open(newline="") as file:
            return [[row["epoch"], row["loss"], row["accuracy"]] for row in csv.DictReader(file)]

    whole, killed = words(tmp_path / "whole", "pos"), words(tmp_path / "killed", "pos")
    run_words(whole, LearningCurve())
    for step in (7, 6):  # in the second epoch, and in the third
        run_killed(killed, monkeypatch, step, LearningCurve())
    run_words(killed, LearningCurve())
    assert rows(tmp_path / "killed" / "runs") == rows(tmp_path / "whole" / "runs")
    assert [row[0] for row in rows(tmp_path / "killed" / "runs")] == ["1", "2", "3"]
