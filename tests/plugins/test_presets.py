"""Every preset that is shipped is a config that the words accept."""

from __future__ import annotations

import pytest

from core import config
from core.registry import registry


@pytest.mark.parametrize("name", registry().names("preset"))
def test_a_preset_makes_one_run_and_words_still_win(name: str) -> None:
    (cell,) = config.expand([f"preset={name}", "train.epochs=3"])
    assert cell.train["epochs"] == 3
    assert cell.task.name in ("lm", "pos", "sentiment")
