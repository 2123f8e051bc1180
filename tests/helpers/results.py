"""Records of runs that were never run, for the tests of tables."""

from __future__ import annotations

from typing import Any

from core.runs.result import Result

COST = {"parameters": 10, "seconds": 1.0, "train_tokens_per_second": 5.0}


def made(
    score: float = 50.0,
    number: int = 1,
    fingerprint: str = "a",
    task: str = "pos",
    dev: float | None = None,
    **keys: Any,
) -> Result:
    """A run of ``bag``; its keywords are in the config, and those of ``how`` there too; dev is scored as test."""
    how = {"seed": 1, "device": "cpu", "precision": "fp32", "threads": 1}
    settings = {key.replace("_", ".", 1): str(value) for key, value in keys.items()}
    scores = {"dev": score if dev is None else dev, "test": score}
    return Result(
        id=f"{number:012d}",
        status="finished",
        task=task,
        data="toy",
        encoder="bag",
        embedding="random",
        seed=1,
        primary="accuracy",
        minimize=False,
        metrics={split: {"accuracy": value, "macro_f1": 100 - value} for split, value in scores.items()},
        baselines={"chance": {"accuracy": 0.0}},
        fingerprints={"dev": fingerprint, "test": fingerprint},
        events={split: {"rows": 2, "tokens": 5} for split in scores},
        cost=dict(COST),
        curve=[],
        chosen={},
        facts={"kind": "token"},
        notes=[],
        history="row",
        how={key: keys.get(key, value) for key, value in how.items()},
        environment={},
        config={"device": "auto", "precision": "auto", "threads": "auto", **settings},
    )
