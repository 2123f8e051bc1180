"""A run with a share of its training."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

from core.config.run_config import RunConfig


def has_length(config: RunConfig) -> bool:
    """Whether a run has a training whose length can be set."""
    return "steps" in config.train


def shortened(config: RunConfig, share: float) -> dict[str, Any]:
    """The options that give a run a share of its training: of its seconds, epochs or steps; none for all of it.

    Args:
        config: the run.
        share: in (0, 1].
    """
    if share == 1 or not has_length(config):
        return {}
    train = config.train
    if config.budget.seconds is not None:
        budget = replace(config.budget, seconds=round(config.budget.seconds * share, 3), trials=None)
        return {"budget": str(budget)}
    if train["epochs"] != "auto":
        return {"train.epochs": ceil(train["epochs"] * share)}
    least = min(train["min_epochs"], train["max_epochs"])
    return {"train.steps": ceil(train["steps"] * share), "train.min_epochs": max(1, ceil(least * share))}
