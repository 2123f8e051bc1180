"""The memory problems as a task: what is known about the best score and chance, and who remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import run

SMALL = {"encoder.hidden_size": 24, "embedding.dim": 8, "threads": 1, "data.symbols": 4}


def test_its_data_is_the_first_number_of_a_row_unless_another_is_named(tmp_path: Path) -> None:
    options = {**SMALL, "data.length": 5, "data.limit": 400, "train.epochs": 2, "runs": tmp_path, "quiet": True}
    result = run(task="memory", encoder="rnn", **options)
    assert result.data == "memory" and result.config["head.pooling"] == "last"
    assert result.baselines["ceiling"]["accuracy"] == 100
    assert abs(result.baselines["chance"]["accuracy"] - 25) < 2
    for key in ("data.symbols", "data.length"):
        del options[key]
    other = run(task="memory", encoder="rnn", data="toy", **options)
    assert other.data == "toy"


@pytest.mark.slow
def test_an_lstm_remembers_where_an_rnn_does_not(tmp_path: Path) -> None:
    options = {
        **SMALL,
        "data.length": 40,
        "data.shortest": 2,
        "train.steps": 1500,
        "runs": tmp_path,
        "quiet": True,
    }
    scores = {name: run(task="memory", encoder=name, **options).score for name in ("rnn", "lstm")}
    assert scores["rnn"] < 50 and scores["lstm"] > 95
