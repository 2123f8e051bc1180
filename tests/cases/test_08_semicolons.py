"""Semicolons between the columns of CSV are found and named."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES, labels, train


@pytest.mark.parametrize("task", ["sentiment", "lm"])
def test_semicolons_separate_columns_with_a_note(task: str, tmp_path: Path) -> None:
    result = train(task, CASES / "08-semicolons" / "semi.csv", tmp_path)
    assert "source.separator" in [note.code for note in result.notes]
    assert task == "lm" or labels(result) == {"pos", "neg"}
    assert ";" not in (Path(result.folder) / "vocab.json").read_text("utf-8")
