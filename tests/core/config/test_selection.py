"""What is left out of a grid is said in one line per task and reason, and a list of names is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import expand
from core.errors import ConfigError

LM = "left out of task=lm, since they read both sides: birnn, crf, bilstm"
SIMILARITY = "left out of task=similarity, since they are made to read sentences: gru, lstm"


def test_encoders_left_out_of_a_task_for_one_reason_are_one_line(tmp_path: Path) -> None:
    grid = expand(["task=lm,pos", "encoder=lstm,birnn,crf,bilstm", "seed=1,2"])
    assert grid.notes == (LM,)
    (tmp_path / "pairs.txt").write_text("cat dog 1\n")
    grid = expand(["task=similarity,pos", f"task.pairs={tmp_path / 'pairs.txt'}", "encoder=bag,gru,lstm"])
    assert [note for note in grid.notes if note.startswith("left out")] == [SIMILARITY]


def test_a_single_pair_keeps_its_sentence() -> None:
    grid = expand(["task=pos,sentiment,lm", "encoder=lstm,crf,linear"])
    assert "left out of task=lm, since they read both sides: crf, linear" in grid.notes
    assert len(grid.notes) == 3
    assert any(
        note.startswith("left out: encoder=crf: crf does not run task=sentiment, ") and "; use " in note
        for note in grid.notes
    )


def test_a_list_of_names_in_a_file_says_what_makes_a_grid(tmp_path: Path) -> None:
    (tmp_path / "grid.yaml").write_text("task: [pos, sentiment]\nencoder: bag\n")
    with pytest.raises(ConfigError) as error:
        expand([f"config={tmp_path / 'grid.yaml'}"])
    assert "[pos,sentiment] is not a name; write one name" in str(error.value)
    assert str(error.value).endswith("; a comma makes a grid: task: pos,sentiment")
