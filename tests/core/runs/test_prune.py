"""``runs prune`` removes what this program wrote and did not finish, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import entries, run_command

import core
from core.errors import StoreError
from core.runs import store
from core.runs.ownership import owner
from core.runs.prune import prune

OPTIONS = {"task": "lm", "encoder": "ngram", "quiet": True, "encoder.order": 2}
ID = "0123456789ab"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder."""
    (text := tmp_path_factory.mktemp("saved") / "a.txt").write_text("a b\na\nb a\na b b\n" * 5)
    return core.run(data=str(text), runs=str(text.parent / "runs"), **OPTIONS).path


@pytest.fixture
def root(saved: Path, tmp_path: Path) -> Path:
    """A folder with a run that did not finish."""
    shutil.copytree(saved, tmp_path / "runs" / saved.name)
    change(tmp_path / "runs" / saved.name, status="interrupted")
    return tmp_path / "runs"


def change(folder: Path, **fields: Any) -> None:
    record = folder / "run.json"
    data = json.loads(record.read_text()) | fields
    record.write_text(json.dumps({key: value for key, value in data.items() if value is not None}))


def test_a_record_begins_with_the_mark_of_the_program(saved: Path) -> None:
    assert (saved / "run.json").read_text().startswith('{\n "program": "seqlab",\n "format": 2,\n "id": "')


def test_a_run_that_did_not_finish_is_listed_and_then_removed(
    root: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["runs", "prune", f"runs={root}"]
    assert run_command(capsys, *words, "dry_run=true").out == f"would remove 1 from {root}\n  {saved.name}\n"
    assert entries(root) == [saved.name]
    assert run_command(capsys, *words).out == f"removed 1 from {root}\n  {saved.name}\n"
    assert entries(root) == []


def test_dry_run_belongs_to_prune(capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "runs", "dry_run=true")
    assert done.code == 2 and done.err == "error: dry_run: only `runs prune` takes it; leave it out\n"


@pytest.mark.parametrize("fields", [{"metrics": None}, {"format": 1, "program": None}, {"config": 3}])
def test_a_record_of_this_program_that_cannot_be_read_is_removed(fields: dict[str, Any], root: Path) -> None:
    (folder,) = root.iterdir()
    change(folder, **fields)
    assert prune(root).removed == [folder.name] and entries(root) == []


@pytest.mark.parametrize("length", [80, 400])
@pytest.mark.parametrize("is_old", [False, True])
def test_a_record_that_is_cut_short_is_known_by_its_beginning(length: int, is_old: bool, root: Path) -> None:
    (folder,) = root.iterdir()
    text = (folder / "run.json").read_text()
    if is_old:  # as written before records began with the program
        data = json.loads(text)
        text = json.dumps({key: data[key] for key in data if key not in ("program", "format")}, indent=1)
    (folder / "run.json").write_text(text[:length] if is_old else json.dumps(json.loads(text), indent=1)[:length])
    assert prune(root).removed == [folder.name]


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 3},
        {"format": 3, "metrics": None, "environment": None},
        {"environment": {"seqlab": "0.2.0+1"}},
        {"environment": {"seqlab": "1.0"}, "format": 2},
    ],
)
def test_what_a_newer_version_wrote_stays(fields: dict[str, Any], root: Path) -> None:
    (folder,) = root.iterdir()
    change(folder, **fields)
    assert prune(root).kept == {folder.name: "a newer version wrote it"} and folder.is_dir()


def test_a_record_of_a_newer_version_that_is_cut_short_stays(root: Path) -> None:
    (folder,) = root.iterdir()
    change(folder, format=12)
    text = json.dumps(json.loads((folder / "run.json").read_text()), indent=1)
    (folder / "run.json").write_text(text[:90])
    assert prune(root).kept == {folder.name: "a newer version wrote it"}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"id": 1}', '{"name": "vite", "version": "3"}', "\0\xff"])
@pytest.mark.parametrize("name", ["project", ID])
def test_folders_of_other_programs_stay(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "run.json").write_text(text, "latin-1")
    (tmp_path / name / "thesis.tex").write_text("years of work")
    assert prune(tmp_path).removed == [] and list(prune(tmp_path).kept) == [name]
    assert (tmp_path / name / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_record_that_is_not_a_file_is_not_opened(kind: str, tmp_path: Path) -> None:
    (tmp_path / ID).mkdir()
    (tmp_path / ID / "run.json").mkdir() if kind == "folder" else (tmp_path / ID / "run.json").symlink_to(
        "/dev/zero"
    )
    assert list(prune(tmp_path).kept) == [ID]


def test_a_run_that_is_a_link_or_was_renamed_stays(root: Path, saved: Path, tmp_path: Path) -> None:
    (root / saved.name).rename(root / "best")
    (root / ID).symlink_to(root / "best")
    assert list(prune(root).kept) == [ID, "best"] and entries(root) == [ID, "best"]


@pytest.mark.parametrize("name", ["notes.md", "model/notes.txt", "plots/a.png", "predictions.xlsx"])
def test_a_run_in_which_somebody_has_put_a_file_stays(name: str, root: Path) -> None:
    (folder,) = root.iterdir()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("my own")
    assert prune(root).kept == {folder.name: f"it holds files that this program did not write: {name}"}


def test_files_of_others_go_with_the_run_that_is_replaced(root: Path, saved: Path) -> None:
    folder = root / saved.name
    (folder / "plots").mkdir()
    for name in ("notes.md", "plots/a.png"):
        (folder / name).write_text(name)
    (folder / "elsewhere").symlink_to(saved)
    result = core.run(data=str(saved.parents[1] / "a.txt"), runs=str(root), **OPTIONS)
    assert result.path == folder and result.status == "finished" and entries(root) == [saved.name]
    assert [(folder / name).read_text() for name in ("notes.md", "plots/a.png")] == ["notes.md", "plots/a.png"]
    assert (folder / "elsewhere").is_symlink() and (saved / "run.json").is_file()


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": 3}, "a newer version of seqlab has saved this run, which is not replaced; update seqlab"),
        (
            {"program": None, "environment": {}},
            "seqlab has not written this, so it is not replaced; choose another",
        ),
    ],
)
def test_a_run_of_others_is_not_replaced(
    fresh: bool, fields: dict[str, Any], message: str, root: Path, saved: Path
) -> None:
    (root / saved.name / "config.yaml").unlink()
    change(root / saved.name, **fields)
    before = (root / saved.name / "run.json").read_bytes()
    with pytest.raises(StoreError, match=message):
        core.run(data=str(saved.parents[1] / "a.txt"), runs=str(root), fresh=fresh, **OPTIONS)
    assert (root / saved.name / "run.json").read_bytes() == before


def test_the_home_folder_as_the_folder_of_runs_loses_nothing(tmp_path: Path) -> None:
    names = [".config", ".making-bread", ".old-photos", "projects", ID]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("mine")
    assert not prune(tmp_path).removed and not store.all_runs(tmp_path)[0]
    assert entries(tmp_path) == sorted(names) and owner(tmp_path / ID) == "none"
