"""The runs of a grid in turn, and the notes that its observers have written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from core import config
from core.experiment.grid import Outcome, run_grid
from core.experiment.observers import GridObserver
from core.view.run_table import show

GRID = ["task=pos", "encoder=ngram", "encoder.order=2", "encoder.smoothing=witten-bell", "seed=1,2"]


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A grid on data without a dev split, which gives a note."""
    (tmp_path / "data").mkdir()
    for split in ("train", "test"):
        (tmp_path / "data" / f"{split}.txt").write_text("a X\nb Y\n\nc X\n\n" * 20)
    return [*GRID, f"data={tmp_path / 'data'}", "data.format=columns", f"runs={tmp_path / 'runs'}"]


def printed(outcome: Outcome) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(outcome.results, console, outcome.announced)
    return console.file.getvalue()  # type: ignore[attr-defined] # it is the StringIO


def test_a_note_that_the_progress_display_has_written_is_not_written_again(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_grid(config.expand(words))
    assert capsys.readouterr().err.count("note: no dev split") == 1  # of two runs
    assert len(outcome.results) == 2 and outcome.status == 0
    assert "note:" not in printed(outcome)
    again = run_grid(config.expand(words))  # saved runs, which notify no observer
    assert not again.announced and printed(again).count("note: no dev split") == 1


@pytest.mark.parametrize("quiet", ["true", "false"])
def test_a_note_that_was_not_written_is_below_the_table(quiet: str, words: list[str]) -> None:
    outcome = run_grid(config.expand([*words, f"quiet={quiet}"]), None if quiet == "true" else GridObserver())
    assert not outcome.announced and printed(outcome).count("note: no dev split") == 1
