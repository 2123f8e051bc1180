"""Every built-in preset is a valid config."""

from __future__ import annotations

import pytest

from core import config
from core.registry import registry


@pytest.mark.parametrize("name", registry().names("preset"))
def test_a_preset_makes_one_run_and_overrides_have_precedence(name: str) -> None:
    (run_config,) = config.expand([f"preset={name}", "train.epochs=3"])
    assert run_config.train["epochs"] == 3
    assert run_config.task.name in ("lm", "pos", "sentiment")
