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
