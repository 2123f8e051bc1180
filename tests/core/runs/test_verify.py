"""``runs verify``: every byte of every file of a run is compared with what was saved."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import run_command

import core
from core.runs import checksums, store
from core.runs.trained_model import load
from core.runs.verify import verify


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs with all kinds of files: counts and weights."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "tags.conll").write_text("the DT\ncats NN\nsleep VB\n\na DT\ndog NN\n\n" * 10)
    own = {"task": "pos", "data": str(folder / "tags.conll"), "runs": str(folder / "runs"), "quiet": True}
    core.run(**own, encoder="ngram", **{"encoder.order": 2}, name="counts")
    core.run(**own, encoder="window", **{"train.epochs": 1, "embedding": "random"}, name="weights")
    return folder / "runs"


@pytest.fixture
def runs(saved: Path, tmp_path: Path) -> Path:
    shutil.copytree(saved, tmp_path / "runs")
    return tmp_path / "runs"


def names(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != checksums.FILE)
    return sorted(path.relative_to(folder).as_posix() for path in files)


def test_a_saved_run_is_as_it_was_saved_also_under_another_name(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.rename(store.read(store.find(runs, "counts")), "other")
    done = run_command(capsys, "runs", "verify", f"runs={runs}")
    assert done.code == 0 and done.out.count("as it was saved") == 2
    assert all(verify(folder).files == len(names(folder)) for folder in runs.iterdir())


@pytest.mark.parametrize("run", ["counts", "weights"])
def test_one_changed_byte_of_any_file_is_found(run: str, runs: Path) -> None:
    folder = store.find(runs, run)
    for name in names(folder):
        path = folder / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        problems = verify(folder).problems
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        # a record that is not JSON any more is reported as such
        assert len(problems) == 1 and problems[0].startswith(
            f"{name.rpartition('/')[2]}: " if name == "run.json" else name
        )
    assert not verify(folder).problems


def test_the_command_names_the_file_and_fails(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = store.find(runs, "counts")
    with (folder / "predictions.npz").open("ab") as file:
        file.write(b"x")
    for words in (["run=counts"], []):
        done = run_command(capsys, "runs", "verify", f"runs={runs}", *words)
        assert done.code == 1 and f"{folder.name}: changed" in done.out
        assert "  predictions.npz: the file has changed since the run was saved" in done.out
        assert done.out.count("as it was saved") == (not words)
    assert run_command(capsys, "runs", "verify", f"runs={runs}", "run=weights").code == 0


def test_pieces_of_a_large_file_are_not_enough(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = store.find(runs, "counts")
    monkeypatch.setattr(checksums, "LARGE", 1000)
    monkeypatch.setattr(checksums, "PIECE", 16)
    path = folder / "model" / "large.npy"
    np.save(path, np.arange(100_000))
    checksums.write(folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 + 20] ^= 1
    path.write_bytes(data)
    checksums.check(folder)
    assert verify(folder).problems == ["model/large.npy: the file has changed since the run was saved"]


def test_missing_added_and_irregular_files_are_problems(runs: Path) -> None:
    folder = store.find(runs, "counts")
    (folder / "vocab.json").rename(folder / "vocab.old")
    assert verify(folder).problems == [
        "vocab.json: the file is missing",
        "vocab.old: the file was not saved with the run",
    ]
    (folder / "vocab.json").symlink_to(folder / "vocab.old")
    assert verify(folder).problems == ["vocab.json: it is a link, not a file"]
    (folder / "vocab.json").unlink()
    os.mkfifo(folder / "vocab.json")
    assert verify(folder).problems == ["vocab.json: it is not a plain file"]


@pytest.mark.parametrize("content", [None, "[]", '{"../x": "y"}', '{"a": 1', "{" * 100_000])
def test_checksums_that_are_gone_or_broken_are_a_problem(content: str | None, runs: Path) -> None:
    folder = store.find(runs, "counts")
    (folder / checksums.FILE).unlink()
    if content is not None:
        (folder / checksums.FILE).write_text(content)
    problems = verify(folder).problems
    assert problems and all(problem.startswith((checksums.FILE, *names(folder))) for problem in problems)


def test_a_run_of_an_earlier_version_is_compared_as_far_as_it_can_be(runs: Path) -> None:
    folder = store.find(runs, "counts")
    earlier = {name: sum for name, sum in checksums.read(folder).items() if name.startswith("model/")}
    (folder / checksums.FILE).write_text(json.dumps(earlier))
    found = verify(folder)
    assert not found.problems and found.notes == [
        "saved by an earlier version: only the files of the model have checksums"
    ]
    next(folder.glob("model/*.npy")).write_bytes(b"")
    assert len(verify(folder).problems) == 1


def test_scores_alone_have_no_checksums(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(runs.parent / "tags.conll")
    Path(data).write_text("the DT\ncats NN\n\na DT\ndog NN\n\n" * 10)
    run = core.run(task="pos", encoder="ngram", data=data, save="none", runs=str(runs.parent / "none"), quiet=True)
    assert verify(run.path)[3:] == ([], ["saved with save=none: there are no checksums"])
    assert run_command(capsys, "runs", "verify", f"runs={runs.parent / 'none'}").code == 0
    done = run_command(capsys, "runs", "run=x")
    assert done.code == 2 and "only `runs verify` takes one run" in done.err


def test_a_changed_record_does_not_stop_a_model(runs: Path) -> None:
    """Only ``runs verify`` compares what no model is made of."""
    record = store.find(runs, "counts") / "run.json"
    record.write_text(record.read_text() + "\n")
    assert load(record.parent).predict(["the cats"])
