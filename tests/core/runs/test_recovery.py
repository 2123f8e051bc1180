"""A kill while a run is saved: the whole copy is taken at the next start, and what is left behind goes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import entries

import core
from core.data import atomic, leftovers
from core.runs import store
from core.runs.recovery import recover

NOBODY = 999_999_999  # larger than the number of any process


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder."""
    (folder := tmp_path_factory.mktemp("saved") / "a.txt").write_text("a b\na\nb a\na b b\n" * 5)
    options = {"data": str(folder), "runs": str(folder.parent / "runs"), "quiet": True, "encoder.order": 2}
    return core.run(task="lm", encoder="ngram", **options).path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def put(saved: Path, place: Path, text: str) -> Path:
    """A copy of the run, with a file that tells it from other copies, and a later time."""
    shutil.copytree(saved, place)
    (place / "which.txt").write_text(text)
    return place


def which(folder: Path) -> str:
    return (folder / "which.txt").read_text()


def killed(root: Path, prefix: str) -> Path:
    return root / f"{prefix}{NOBODY}-abcd_123"


def test_of_two_copies_and_no_run_the_new_one_is_taken(saved: Path, root: Path) -> None:
    put(saved, killed(root, ".making-"), "new")
    put(saved, killed(root, ".old-") / "run", "old")
    (result,), broken = store.all_runs(root)
    assert result.id == saved.name and not broken and entries(root) == [saved.name]
    assert which(result.path) == "new"


@pytest.mark.parametrize("missing", ["run.json", "vocab.json", "model", "checksums.json"])
def test_a_new_copy_that_is_not_whole_gives_the_old_one_back(missing: str, saved: Path, root: Path) -> None:
    new = put(saved, killed(root, ".making-"), "new")
    put(saved, killed(root, ".old-") / "run", "old")
    if missing == "checksums.json":  # a changed array
        array = next((new / "model").glob("*.npy"))
        array.write_bytes(array.read_bytes()[:-1] + b"?")
    else:
        shutil.rmtree(new / missing) if missing == "model" else (new / missing).unlink()
    assert store.find(root, saved.name) == root / saved.name
    assert which(root / saved.name) == "old" and entries(root) == [saved.name]


@pytest.mark.parametrize("later", [True, False])
def test_a_whole_copy_replaces_an_earlier_run_only(later: bool, saved: Path, root: Path) -> None:
    put(saved, root / saved.name, "first")
    new = put(saved, killed(root, ".making-"), "second")
    os.utime(new / "run.json", (0, 2_000_000_000 if later else 1))
    recover(root)
    assert which(root / saved.name) == ("second" if later else "first") and entries(root) == [saved.name]


def test_what_a_newer_version_wrote_is_not_replaced(saved: Path, root: Path) -> None:
    new = put(saved, killed(root, ".making-"), "mine")
    os.utime(new / "run.json", (0, 2_000_000_000))
    target = put(saved, root / saved.name, "newer")
    record = target / "run.json"
    record.write_text(record.read_text().replace('"format": 2', '"format": 3'))
    recover(root)
    assert which(target) == "newer"


def test_the_folders_of_a_process_that_runs_stay(saved: Path, root: Path) -> None:
    with atomic.temporary_folder(root) as folder:
        (folder / "part").write_text("half")
        os.utime(folder, (0, 0))
        store.all_runs(root)
        assert (folder / "part").exists()
    assert entries(root) == []


@pytest.mark.parametrize("name", [".making-backup_1", ".old-notes", ".old-12-x", ".making-a-abcd_123"])
def test_folders_of_other_programs_stay(name: str, root: Path) -> None:
    (root / name).mkdir()
    os.utime(root / name, (0, 0))
    recover(root)
    leftovers.remove(root, "run.json")
    assert entries(root) == [name]


def test_a_link_with_the_name_of_a_temporary_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    killed(root, ".old-").symlink_to(tmp_path / "mine")
    recover(root)
    assert killed(root, ".old-").is_symlink() and (tmp_path / "mine").is_dir()


@pytest.fixture
def locked(root: Path) -> Iterator[Path]:
    """A temporary folder that a process on another machine, or in another container, has locked."""
    folder = killed(root, ".making-")
    folder.mkdir()
    os.utime(folder, (0, 0))
    descriptor = leftovers.lock(folder)
    yield folder
    if descriptor is not None:
        os.close(descriptor)


def test_a_locked_folder_stays_whatever_its_name_says(locked: Path) -> None:
    recover(locked.parent)
    assert locked.is_dir()


KILL = """
import os, signal, sys
from pathlib import Path
from core.data import atomic

replace = os.replace
def killed(source, target):
    if Path(target).name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)

os.replace = killed
import core
options = {"data": sys.argv[3], "runs": sys.argv[1], "quiet": True, "fresh": True, "encoder.order": 2}
core.run(task="lm", encoder="ngram", **options)
"""


@pytest.mark.slow
def test_a_process_killed_between_the_two_renames_loses_nothing(saved: Path, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    put(saved, root / saved.name, "old")
    command = [sys.executable, "-c", KILL, str(root), saved.name, str(saved.parents[1] / "a.txt")]
    assert subprocess.run(command, timeout=120).returncode == -9
    assert len(entries(root)) == 2 and saved.name not in entries(root)
    (result,), _ = store.all_runs(root)
    assert (
        entries(root) == [saved.name] and which(result.path) == "old"
    )  # a file of somebody else goes with the run
    assert result.path.stat().st_mtime > saved.stat().st_mtime
