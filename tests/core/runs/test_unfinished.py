"""Unfinished runs are listed with their place; prune removes them unless they are trained or hold other files."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from command_line import entries, run_command
from killed import run, run_killed, words

from core.data import leftovers
from core.errors import StoreError
from core.runs import checkpoints, store
from core.runs.prune import prune
from core.runs.unfinished import unfinished_runs


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a finished run and an unfinished one."""
    run(words(tmp_path, "lm", name="whole"))
    run_killed(words(tmp_path, "pos", name="half"), monkeypatch, 7)
    return tmp_path / "runs"


def folder_of(root: Path) -> Path:
    (found,) = root.glob("*.unfinished")
    return found


def test_unfinished_runs_are_listed_with_their_place_and_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (waiting,) = unfinished_runs(root)
    assert not waiting.runs and f"{waiting.id}.unfinished" == folder_of(root).name
    assert [result.config["name"] for result in store.all_runs(root)[0]] == ["whole"]
    out = run_command(capsys, "runs", f"runs={root}").out
    line = out.splitlines()[-1]
    pattern = (
        rf"unfinished: {waiting.id} \(pos on \S+: bilstm, random\+affix, half, seed 1\), "
        r"the same command resumes it; checkpoint of [0-9: -]{16}: epoch 2 of 3, step 7"
    )
    assert re.fullmatch(pattern, line), line
    assert "unfinished" not in run_command(capsys, "runs", f"runs={root}", "task=lm").out
    name = folder_of(root).name
    would = run_command(capsys, "runs", "prune", f"runs={root}", "dry_run=true").out
    assert would == f"would remove 1 from {root}\n  {name}\n" and folder_of(root).exists()
    assert run_command(capsys, "runs", "prune", f"runs={root}").out == f"removed 1 from {root}\n  {name}\n"
    assert len(entries(root)) == 1


def test_an_unfinished_run_is_named_as_such_where_a_finished_one_is_needed(root: Path) -> None:
    identity = folder_of(root).name.removesuffix(checkpoints.UNFINISHED)
    for name in ("half", identity, identity[:4]):
        with pytest.raises(StoreError, match=f"run '{name}' in .* is not finished; repeat the command"):
            store.find(root, name)


def test_a_run_that_a_process_trains_now_is_listed_as_such_and_not_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    descriptor = leftovers.lock(folder_of(root))
    assert descriptor is not None and unfinished_runs(root)[0].runs
    assert ", it is being trained; " in run_command(capsys, "runs", f"runs={root}").out
    assert prune(root).kept == {folder_of(root).name: "a process trains it now"}
    os.close(descriptor)
    assert len(prune(root).removed) == 1 and not list(root.glob("*.unfinished"))


def test_files_of_others_and_other_folders_stay(root: Path) -> None:
    folder = folder_of(root)
    (folder / "notes.txt").write_text("mine")
    (root / "draft.unfinished").mkdir()
    (root / f"{'0' * 12}.unfinished").symlink_to(folder)
    assert prune(root).kept == {folder.name: "it holds files that this program did not write: notes.txt"}
    assert (root / "draft.unfinished").is_dir() and folder.is_dir()


def test_a_folder_without_a_readable_checkpoint_is_listed_and_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, part in list(checkpoints.generations(folder_of(root))):
        (folder_of(root) / f"{number}.{part}" / "state.json").write_text("{")
    assert "no checkpoint of it can be read" in run_command(capsys, "runs", f"runs={root}").out
    assert len(prune(root).removed) == 1 and not list(root.glob("*.unfinished"))


def test_what_a_killed_process_left_while_it_wrote_is_removed_too(root: Path) -> None:
    half = folder_of(root) / ".making-999999999-abcdefgh"
    half.mkdir()
    (half / "tensors.safetensors").write_bytes(b"half")
    assert len(prune(root).removed) == 1 and not list(root.glob("*.unfinished"))
