"""What depends on the data alone is computed once per process, and again for other content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import core
from core.evaluation import baselines
from core.experiment import data_scores
from core.runs.result import Result

ROWS = "text\tlabel\n" + "good one\tyes\nbad one\tno\n" * 4


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that compute chance, in an empty cache."""
    calls: list[str] = []
    chance = baselines.chance

    def counted(*given: Any) -> Any:
        calls.append("chance")
        return chance(*given)

    monkeypatch.setattr(baselines, "chance", counted)
    monkeypatch.setattr(data_scores, "_known", {})
    return calls


def run(folder: Path, **more: Any) -> Result:
    for split in ("train", "dev", "test"):
        if not (folder / f"{split}.tsv").exists():
            (folder / f"{split}.tsv").write_text(ROWS)
    words: dict[str, Any] = {"task": "sentiment", "encoder": "ngram", "encoder.order": 1, "data": str(folder)}
    return core.run(**words | {"runs": str(folder / "runs"), "quiet": True, "encoder.smoothing": "laplace"} | more)


def test_encoders_share_what_they_are_compared_with(computed: list[str], tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path, **{"encoder.order": 2})
    assert computed == ["chance"] and first.id != second.id
    assert first.baselines == second.baselines and first.fingerprints == second.fingerprints
    assert first.baselines["chance"] is not second.baselines["chance"]


def test_changed_data_and_other_options_are_scored_again(computed: list[str], tmp_path: Path) -> None:
    first = run(tmp_path)
    (tmp_path / "test.tsv").write_text("text\tlabel\ngood one\tyes\n")
    second = run(tmp_path)
    assert computed == ["chance"] * 2 and second.fingerprints["test"] != first.fingerprints["test"]
    assert second.baselines["most frequent"]["accuracy"] == 100 != first.baselines["most frequent"]["accuracy"]
    run(tmp_path, **{"task.min_count": 2})
    assert len(computed) == 3


def test_data_of_unknown_content_is_scored_every_time(
    computed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.sources.files.Files.fingerprint", lambda self: None)
    run(tmp_path)
    run(tmp_path)
    assert computed == ["chance"] * 2


def test_few_are_kept(computed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_scores, "KEPT", 1)
    for count in (1, 2, 1):
        run(tmp_path, **{"task.min_count": count, "fresh": True})
    assert len(computed) == 3 and len(data_scores._known) == 1
