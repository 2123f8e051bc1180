"""The lines of the progress display."""

from __future__ import annotations

import pytest

from plugins.observers.progress import ProgressDisplay


@pytest.mark.parametrize(("scores", "shown"), [({"accuracy": 91.5}, "dev: accuracy 91.50  "), ({}, "")])
def test_an_epoch_is_one_line_with_the_dev_scores_if_there_are_any(
    scores: dict[str, float], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ProgressDisplay().epoch(epoch=2, loss=0.25, seconds=1.5, tokens_per_second=2000.0, **scores)
    assert capsys.readouterr().err == f"epoch 2  loss 0.2500  {shown}2,000 tokens/s  1.5 s\n"


def test_the_first_epoch_of_a_resumed_run_names_the_number_of_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    earlier, later = ProgressDisplay(), ProgressDisplay()
    earlier.progress(step=7, steps=9, epoch=1, epochs=3, loss=0.5, tokens=9, tokens_per_second=9.0, left=1.0)
    later.resume(earlier.state())
    later.epoch(epoch=1, loss=0.5, seconds=2.0, tokens_per_second=9.0)
    assert capsys.readouterr().err == "epoch 1/3  loss 0.5000  9 tokens/s  2.0 s  0:04 left\n"


def test_the_number_of_epochs_that_a_budget_of_seconds_gives_is_an_estimate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    display = ProgressDisplay()
    display.start(title="pos on toy: lstm", config={"budget": "time:3s"})
    display.progress(step=7, steps=30, epoch=2, epochs=7, loss=0.5, tokens=9, tokens_per_second=9.0, left=1.0)
    display.epoch(epoch=2, loss=0.5, seconds=0.4, tokens_per_second=9.0)
    assert "epoch 2 of about 7  loss 0.5000" in capsys.readouterr().err
    display.epoch(epoch=8, loss=0.5, seconds=0.4, tokens_per_second=9.0)
    assert "epoch 8 of about 8  loss 0.5000  9 tokens/s  0.4 s  0:00 left" in capsys.readouterr().err
