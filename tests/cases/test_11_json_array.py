"""A JSON array of objects is read as JSON lines are."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES, labels, train


@pytest.mark.parametrize("name", ["array", "arraypretty"])
def test_an_array_of_objects_is_rows(name: str, tmp_path: Path) -> None:
    assert labels(train("sentiment", CASES / "11-json-array" / f"{name}.json", tmp_path)) == {"pos", "neg"}
