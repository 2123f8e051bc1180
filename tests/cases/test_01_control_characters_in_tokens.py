"""Tokens and labels that no file of tagged text can hold are refused with their row."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES, train

from core.errors import DataError

FOLDER = CASES / "01-control-characters-in-tokens"


@pytest.mark.parametrize(
    ("task", "name", "message"),
    [
        ("pos", "tagctl", r"train row 1: the token 'a\\tb' contains a tab"),
        ("pos", "tagsp", r"train row 1: the label 'ADJ\\tb' contains a tab"),
        ("sentiment", "txtctl", r"train row 2: the label 'ne\\tg' contains a tab"),
    ],
)
def test_control_characters_are_refused_with_the_row(task: str, name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        train(task, FOLDER / f"{name}.jsonl", tmp_path)
