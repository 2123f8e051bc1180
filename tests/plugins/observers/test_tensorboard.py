"""Curves for TensorBoard, read back with TensorBoard's own reader."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from killed import run as run_words
from killed import run_killed, words

from core import run
from core.errors import ConfigError
from plugins.observers.tensorboard import TensorBoard


def test_without_tensorboard_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ConfigError, match="observer=tensorboard: .*not installed.*pip install tensorboard"):
        TensorBoard()


def test_the_files_hold_the_curve_and_the_scores_on_test(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    options = {"data.limit": 60, "train.epochs": 3, "runs": tmp_path, "quiet": True, "observer": "tensorboard"}
    result = run(task="sentiment", encoder="bag", **options)
    found = EventAccumulator(str(tmp_path / "tensorboard" / result.id)).Reload()
    losses = [(event.step, event.value) for event in found.Scalars("epoch/loss")]
    assert losses == [(row["epoch"], pytest.approx(row["loss"])) for row in result.curve]
    assert found.Scalars("test/accuracy")[0].value == pytest.approx(result.score)
    assert found.Scalars("train/loss") and "config/text_summary" in found.Tags()["tensors"]


def test_a_run_that_is_killed_has_each_point_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setattr("core.neural.trainer.INTERVAL", 0.0)
    given = words(tmp_path, "pos", **{"train.checkpoint_minutes": 5})
    monkeypatch.setattr("core.runs.checkpoints.LEAST", 0.0)  # at the end of each epoch
    monkeypatch.setattr("core.runs.checkpoints.SHARE", 1e9)
    for step in (8, 3, 6):  # in the second epoch, again, and in the third
        run_killed(given, monkeypatch, step, TensorBoard())
    result = run_words(given, TensorBoard())
    found = EventAccumulator(str(tmp_path / "runs" / "tensorboard" / result.id)).Reload()
    assert [event.step for event in found.Scalars("epoch/loss")] == [1, 2, 3]
    assert [event.step for event in found.Scalars("train/loss")] == list(range(1, 16))
