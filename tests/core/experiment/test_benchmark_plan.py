"""The plan of a benchmark: which runs are saved, from one look at the folder of runs and at the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import core
from core import config
from core.data.sources.files import Files
from core.experiment.benchmark_plan import plan
from core.experiment.runner import run_one
from core.runs import index, listing, store

WORDS = ["task=sentiment", "encoder=ngram", "encoder.smoothing=witten-bell", "encoder.order=1,2", "quiet=true"]


@pytest.fixture
def grid(tmp_path: Path) -> config.Grid:
    """Two runs on files, the first of which is saved."""
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.tsv").write_text("text\tlabel\n" + "good one\tyes\nbad one\tno\n" * 8)
    runs = config.expand([*WORDS, f"data={tmp_path}", f"runs={tmp_path / 'runs'}"])
    run_one(runs[0])
    return runs


def saved(grid: config.Grid) -> list[bool]:
    return [planned.saved is not None for planned in plan(grid)]


def test_each_record_and_the_data_are_read_once(
    grid: config.Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"records": 0, "fingerprints": 0}
    read_text, fingerprint = listing.read_text, Files.fingerprint

    def read(path: Path, limit: int) -> str:
        counts["records"] += 1
        return read_text(path, limit)

    def hashed(self: Files) -> str | None:
        counts["fingerprints"] += 1
        return fingerprint(self)

    monkeypatch.setattr(listing, "read_text", read)
    monkeypatch.setattr(Files, "fingerprint", hashed)
    assert saved(grid) == [True, False] and counts == {"records": 1, "fingerprints": 1}
    monkeypatch.setattr(index, "LEAST", 1)
    assert saved(grid) == [True, False] and saved(grid) == [True, False]
    assert counts == {"records": 2, "fingerprints": 3}  # the last plan takes the record from the index


def test_a_copy_under_another_name_and_a_run_of_other_code_are_not_the_saved_run(grid: config.Grid) -> None:
    (folder,) = (path.parent for path in Path(grid[0].run["runs"]).glob("*/run.json"))
    folder.rename(folder.with_name("my-copy"))
    assert saved(grid) == [False, False]
    shutil.copytree(folder.with_name("my-copy"), folder)
    assert saved(grid) == [True, False]
    record = folder / store.RECORD
    record.write_text(record.read_text().replace('"seqlab": "', '"seqlab": "other '))
    assert saved(grid) == [False, False]


def test_each_folder_of_runs_is_looked_at(grid: config.Grid, tmp_path: Path) -> None:
    both = config.expand([*WORDS, f"data={tmp_path}", f"runs={tmp_path / 'empty'},{tmp_path / 'runs'}"])
    assert sorted(saved(both)) == [False, False, False, True]


def test_a_run_whose_saving_was_killed_is_reused(grid: config.Grid) -> None:
    root = Path(grid[0].run["runs"])
    (folder,) = (path.parent for path in root.glob("*/run.json"))
    folder.rename(root / ".making-999999999-aaaaaaaa")
    again = core.run(**grid[0].flat() | {"runs": str(root), "quiet": True})
    assert [note.code for note in again.notes if note.code == "cached"] and again.folder == str(folder)
