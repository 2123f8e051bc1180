"""Every built-in preset is a valid config."""

from __future__ import annotations

import pytest

from core import config
from core.registry import registry


@pytest.mark.parametrize("name", registry().names("preset"))
def test_a_preset_makes_one_run_and_overrides_have_precedence(name: str) -> None:
    (run_config,) = config.expand([f"preset={name}", "train.epochs=3"])
    assert run_config.train["epochs"] == 3
    assert run_config.task.name in ("chunk", "lm", "ner", "pos", "relation", "sentiment", "translate")


@pytest.mark.parametrize("name", registry().names("preset"))
def test_a_preset_states_what_else_heads_and_encoders_would_decide(name: str) -> None:
    """So its scores stay what they are if a default changes."""
    (run_config,) = config.expand([f"preset={name}"])
    head = run_config.kind.import_class("heads", run_config.family)
    encoder = getattr(run_config.encoder.load(), "defaults", {}).get(run_config.kind.name, {})
    length = {"train.batch_size"}  # auto would depend on the data
    length |= set() if "train.steps" in run_config.given else {"train.epochs", "train.patience"}
    bounds = {"train.steps", "train.min_epochs", "train.max_epochs"}  # of train.epochs=auto
    assert (head.defaults.keys() | encoder.keys() | length) - bounds <= set(run_config.given)
