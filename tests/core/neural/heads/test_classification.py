"""What the classification head takes from the training rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import core
from core.neural.heads.classification import ClassificationHead


@pytest.mark.parametrize(
    ("pooling", "lengths", "chosen"),
    [
        ("auto", [600, 2], {"pooling": "mean"}),  # 301 tokens on average
        ("auto", [600, 0], {}),
        ("auto", [], {}),
        ("max", [900, 900], {}),
    ],
)
def test_auto_pooling_is_the_mean_of_long_rows(pooling, lengths, chosen):
    assert ClassificationHead.choose({"pooling": pooling}, np.array(lengths, dtype=np.int64)) == chosen


def test_a_saved_model_pools_as_it_was_trained(tmp_path: Path) -> None:
    texts = {"bad": "bad dull film " * 101, "good": "a good film " * 101}
    rows = [f"{texts[label].strip()}\t{label}\n" for label in ("good", "bad") * 5]
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.tsv").write_text("text\tlabel\n" + "".join(rows))
    options = {"train.epochs": 1, "embedding.random.dim": 4, "encoder.channels": 3}
    where = {"data": str(tmp_path), "runs": str(tmp_path / "runs")}
    result = core.run(task="sentiment", encoder="cnn", quiet=True, **where, **options)
    assert result.chosen["head.pooling"] == result.config["head.pooling"] == "mean"
    loaded = core.load(result.folder)
    assert loaded.model.network.head.pooling == "mean"
    scores, _, _ = loaded.evaluate(str(tmp_path), split="test")
    assert scores["accuracy"] == result.metrics["test"]["accuracy"]
