"""Labels that cannot be learned, splits that leave no training rows, and notes that name files."""

from __future__ import annotations

from pathlib import Path

import pytest

import core
from core.errors import ConfigError, DataError

ROWS = "".join(f"word{i}\tN\nother\tV\n\n" for i in range(100))


@pytest.mark.parametrize("encoder", ["ngram", "bag"])
def test_labels_that_cannot_be_learned_are_refused_before_training(encoder: str, tmp_path: Path) -> None:
    file = tmp_path / "train.conll"
    how = {"task": "pos", "encoder": encoder, "data": str(file), "runs": str(tmp_path / "runs"), "quiet": True}
    for name in ("<unk>", "</s>"):
        file.write_text(ROWS.replace("\tV", f"\t{name}"))
        with pytest.raises(DataError, match=f"a label is called {name}"):
            core.run(**how)
    empty = tmp_path / "empty"
    empty.mkdir()
    for split in ("train", "dev", "test"):
        (empty / f"{split}.jsonl").write_text('{"tokens": [], "labels": []}\n' * 3)
    with pytest.raises(DataError, match="no training row has a label"):
        core.run(**{**how, "data": str(empty)})


def test_splits_that_are_cut_leave_training_rows(tmp_path: Path) -> None:
    (tmp_path / "train.conll").write_text(ROWS)
    how = {"task": "pos", "encoder": "ngram", "data": str(tmp_path / "train.conll"), "encoder.order": 1}
    how |= {"runs": str(tmp_path / "runs"), "quiet": True}
    with pytest.raises(ConfigError, match="data.fraction: 0.55 of the rows .* below 0.5"):
        core.run(**how, **{"data.fraction": 0.55})
    assert core.run(**how, **{"data.fraction": 0.4}).events["test"]["rows"] == 40


def test_notes_of_cached_data_name_the_present_files(tmp_path: Path) -> None:
    message = []
    for name in ("alpha", "beta"):
        folder = tmp_path / name
        folder.mkdir()
        for split in ("train", "test"):
            (folder / f"{name}-{split}.conll").write_text(ROWS)
        result = core.run(task="pos", encoder="ngram", data=str(folder), runs=str(folder), quiet=True)
        message.append(" ".join(map(str, result.notes)))
    assert "alpha" not in message[1]
