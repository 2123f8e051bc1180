"""A data set of a few rows that every task reads, for tests where what a model has learned does not matter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

TAGS = {"the": "DT", "a": "DT", "cats": "NNS", "dog": "NN", "sleep": "VB", "sees": "VB", "happily": "RB", ".": "."}
SIZES = {"train": 40, "dev": 8, "test": 8}


def write_small(folder: Path) -> dict[str, str]:
    """Write the splits as JSON lines, with a label per token or per row; returns the folder of each task."""
    for task in ("pos", "sentiment"):
        random = np.random.default_rng(0)
        (folder / task).mkdir(exist_ok=True)
        for split, size in SIZES.items():
            rows = [random.choice(list(TAGS), length).tolist() for length in random.integers(1, 9, size)]
            lines = [json.dumps({"tokens": row, **_labels(task, row)}) for row in rows]
            (folder / task / f"{split}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return {"pos": str(folder / "pos"), "lm": str(folder / "pos"), "sentiment": str(folder / "sentiment")}


def _labels(task: str, row: list[str]) -> dict[str, object]:
    if task == "pos":
        return {"labels": [TAGS[word] for word in row]}
    return {"label": "neg" if "cats" in row else "pos"}
