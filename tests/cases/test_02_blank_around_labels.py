"""White space around labels does not count."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES, labels, train


@pytest.mark.parametrize("name", ["spacelabel", "spacedquote"])
def test_labels_that_differ_in_outer_blanks_are_one_class(name: str, tmp_path: Path) -> None:
    assert labels(train("sentiment", CASES / "02-blank-around-labels" / f"{name}.csv", tmp_path)) == {"pos", "neg"}
