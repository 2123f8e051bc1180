"""The task ``next-item`` from end to end, on small data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from core import load, run
from core.errors import ConfigError
from core.runs.interpolation import interpolate_runs


def run_small(tmp_path: Path, **options: Any) -> Any:
    return run(task="next-item", runs=tmp_path / "runs", quiet=True, **options)


def test_an_ngram_is_between_the_baselines_and_the_ceiling(tmp_path: Path) -> None:
    result = run_small(tmp_path, data="sessions", encoder="ngram", **{"encoder.order": 2, "task.k": 5})
    scores = [known["mrr"] for known in (result.baselines[name] for name in ("chance", "popular items"))]
    scores += [result.metrics["test"]["mrr"], result.baselines["ceiling"]["mrr"]]
    assert scores == sorted(scores)
    assert set(result.metrics["test"]) == {"mrr", "hit@5", "ndcg@5"}
    assert set(result.baselines) >= {"repeated items"}
    model = load(result.folder)
    (item,) = model.predict([["item001", "item002"]])
    ((answer, likely),) = model.predict([["item001", "item002"]], probabilities=True, top=4)
    assert item == answer == next(iter(likely)) and len(likely) == 4
    assert all(name.startswith("item") for name in likely)


@pytest.mark.parametrize(("encoder", "embedding"), [("gru", "random"), ("bag", "word2vec")])
def test_neural_encoders_run(encoder: str, embedding: str, tmp_path: Path) -> None:
    options = {"data.limit": 200, "train.epochs": 1, f"embedding.{embedding}.dim": 8, "task.positions": "last"}
    result = run_small(tmp_path, data="sessions", encoder=encoder, embedding=embedding, **options)
    assert math.isfinite(result.score)
    scores, corpus, arrays = load(result.folder).evaluate("sessions")
    assert scores == pytest.approx(result.metrics["test"])
    assert arrays["above"].shape == corpus.tokens.values.shape


def test_a_table_of_events_is_read_and_its_last_sessions_are_the_test(tmp_path: Path) -> None:
    lines = ["session,item,time"]
    lines += [f"{s},{'abcd'[(s + t) % 4]},{9 - t}" for s in range(40) for t in range(4)]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    options = {"data.path": str(tmp_path / "e.csv"), "data.time": "time"}
    result = run_small(tmp_path, data="events", encoder="ngram", **options)
    assert result.metrics["test"]["mrr"] == 100.0  # each item has one successor


def test_wrong_options_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bilstm"):
        run_small(tmp_path, data="sessions", encoder="bilstm")
    with pytest.raises(ConfigError, match=r"task\.k"):
        run_small(tmp_path, data="sessions", encoder="ngram", **{"task.k": 0})


def test_runs_that_are_scored_by_ranks_are_not_mixed(tmp_path: Path) -> None:
    small = {"data": "sessions", "encoder": "ngram", "data.limit": 50}
    runs = [run_small(tmp_path, **small, **{"encoder.order": order}).id for order in (1, 2)]
    with pytest.raises(ConfigError, match="scored by ranks"):
        interpolate_runs(tmp_path / "runs", runs)
