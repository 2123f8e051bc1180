"""Task ``topic``."""

from __future__ import annotations

from pathlib import Path

import pytest

import core
from core.testing import check_task


def test_the_task_keeps_the_contract() -> None:
    check_task("topic")


@pytest.mark.parametrize("encoder", ["cnn", "bilstm"])
def test_documents_beyond_the_limit_of_training_are_noted_and_predicted_whole(
    encoder: str, tmp_path: Path
) -> None:
    documents = {"data.rows": 20, "data.shortest": 900, "data.longest": 1300}
    small = {"embedding.dim": 4, "train.epochs": 1, "quiet": True, "runs": str(tmp_path)}
    size = {"encoder.channels": 4} if encoder == "cnn" else {"encoder.hidden_size": 4}
    result = core.run(task="topic", encoder=encoder, **documents, **small, **size)
    (note,) = [note for note in result.notes if note.code == "train.long_rows"]
    assert note.values["max_tokens"] == 1024 and 0 < note.values["rows"] < 20
    assert (result.config["task.tokens"], result.config["data"]) == ("words", "toy-topics")
    cut = core.run(task="topic", encoder=encoder, **documents, **small, **size, **{"data.max_length": 100})
    assert {note.values["split"] for note in cut.notes if note.code == "data.max_length"} == {
        "train",
        "dev",
        "test",
    }
    assert result.metrics["test"] != {} and cut.events["test"]["tokens"] == 100 * cut.events["test"]["rows"]
