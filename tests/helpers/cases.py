"""The small inputs of ``tests/cases``, and one cheap run on one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import core

CASES = Path(__file__).parents[1] / "cases"


def train(task: str, data: Path, runs: Path, **options: Any) -> Any:
    """The record of an n-gram run."""
    settings = {"encoder": "ngram", "encoder.order": 2, "quiet": True, "runs": str(runs), **options}
    return core.run(task=task, data=str(data), **settings)


def labels(result: Any) -> set[str]:
    """The classes of a run."""
    return set(json.loads((Path(result.folder) / "labels.json").read_text("utf-8"))["words"][2:])
