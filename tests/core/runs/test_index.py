"""The index of a folder of runs: what it has, when it is read, and that nothing depends on it."""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run_command
from results import made

from core.errors import StoreError
from core.runs import index, listing, store, verify
from core.runs.result import Result


def save(root: Path, result: Result) -> Path:
    folder = root / result.id
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / "new"
    new.write_text(json.dumps(result.to_json()), "utf-8")
    os.replace(new, folder / store.RECORD)
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of four runs, which is large enough for an index."""
    monkeypatch.setattr(index, "LEAST", 4)
    runs = tmp_path / "runs"
    for number in range(4):
        run = made(
            50.0 + number, number, dev=90.0 - number, encoder_hidden_size=64 << number, name=f"run-{number}"
        )
        save(runs, replace(run, encoder=("lstm", "gru")[number % 2]))
    return runs


def ask(root: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(root / index.FILE) as database:
        return database.execute(query).fetchall()


def listed(root: Path) -> list[tuple[str, str, float]]:
    results, _ = store.all_runs(root)
    return sorted((run.id[-1], run.config["name"], run.score) for run in results)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders whose records are read from their files."""
    names: list[str] = []
    read_text = listing.read_text

    def counted(path: Path, limit: int) -> str:
        names.append(path.parent.name[-1])
        return read_text(path, limit)

    monkeypatch.setattr(listing, "read_text", counted)
    return names


def test_plain_sql_answers_what_people_ask(root: Path) -> None:
    store.all_runs(root)
    best = "SELECT encoder, max(dev) FROM runs GROUP BY encoder ORDER BY encoder"
    assert ask(root, best) == [("gru", 89.0), ("lstm", 90.0)]
    columns = (
        "id, name, task, data, embedding, seed, status, primary_metric, lower_is_better, test, parameters, seconds"
    )
    assert ask(root, f"SELECT {columns} FROM runs WHERE name = 'run-3'") == [
        ("000000000003", "run-3", "pos", "toy", "random", 1, "finished", "accuracy", 0, 53.0, 10, 1.0)
    ]
    metrics = "SELECT split, metric, value FROM metrics JOIN runs USING (folder) WHERE id LIKE '%2'"
    assert ask(root, metrics) == [
        ("dev", "accuracy", 88.0),
        ("dev", "macro_f1", 12.0),
        ("test", "accuracy", 52.0),
        ("test", "macro_f1", 48.0),
    ]
    sizes = (
        "SELECT value, number FROM options WHERE option = 'encoder.hidden_size' AND number > 100 ORDER BY number"
    )
    assert ask(root, sizes) == [("128", 128.0), ("256", 256.0), ("512", 512.0)]
    assert ask(root, "SELECT number FROM options WHERE option = 'device'") == [(None,)] * 4
    assert ask(root, "PRAGMA integrity_check") == [("ok",)]


def test_unchanged_records_are_not_read_again_and_give_the_same_results(root: Path, opened: list[str]) -> None:
    first = store.all_runs(root)
    assert sorted(opened) == list("0123")
    opened.clear()
    assert store.all_runs(root) == first and not opened


def test_runs_that_are_added_replaced_renamed_removed_or_moved_are_seen(root: Path, opened: list[str]) -> None:
    store.all_runs(root)
    opened.clear()
    save(root, made(60.0, 5, name="new"))
    save(root, made(61.0, 0, name="run-0"))
    store.rename(store.read(root / f"{1:012d}"), "given")
    shutil.rmtree(root / f"{2:012d}")
    (root / f"{3:012d}").rename(root / "kept-003")
    expected = [("0", "run-0", 61.0), ("1", "given", 51.0), ("3", "run-3", 53.0), ("5", "new", 60.0)]
    opened.clear()
    assert listed(root) == expected and sorted(opened) == list("0135")
    opened.clear()
    assert listed(root) == expected and not opened
    assert sorted(ask(root, "SELECT folder, name FROM runs")) == [
        ("000000000000", "run-0"), ("000000000001", "given"), ("000000000005", "new"), ("kept-003", "run-3")
    ]  # fmt: skip
    for table in ("metrics", "options"):
        assert ask(root, f"SELECT count(DISTINCT folder) FROM {table}") == [(4,)]


def test_a_name_of_the_same_length_in_the_same_moment_is_seen(root: Path) -> None:
    store.all_runs(root)
    record = root / f"{0:012d}" / store.RECORD
    written = record.stat().st_mtime_ns
    text = record.read_text().replace("run-0", "nur-0")
    (record.parent / "new").write_text(text)
    os.replace(record.parent / "new", record)
    os.utime(record, ns=(written, written))
    assert listed(root)[0] == ("0", "nur-0", 50.0)


def test_a_broken_record_is_an_error_and_leaves_the_index(root: Path) -> None:
    store.all_runs(root)
    (root / f"{2:012d}" / store.RECORD).write_text("{")
    results, broken = store.all_runs(root)
    assert len(results) == 3 and ["record cannot be read" in str(error) for error in broken] == [True]
    assert ask(root, "SELECT count(*) FROM runs WHERE name = 'run-2'") == [(0,)]


def test_a_record_that_another_program_has_changed_is_found(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.all_runs(root)
    assert verify.stale_rows(root) == []
    with sqlite3.connect(root / index.FILE) as database:
        database.execute("UPDATE runs SET record = replace(record, '51.0', '99.0')")
    (changed,) = verify.stale_rows(root)
    assert run_command(capsys, "runs", "verify", f"runs={root}")[0] == 1
    (folder,) = [run.folder for run in store.all_runs(root)[0] if run.score == 99.0]
    assert folder.endswith(changed)
    store.rebuild_index(root)
    assert verify.stale_rows(root) == []


def test_few_runs_get_no_index_but_by_the_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "LEAST", 5)
    store.all_runs(root)
    assert not (root / index.FILE).exists()
    store.rebuild_index(root)
    assert ask(root, "SELECT count(*) FROM runs") == [(4,)]
    save(root, made(60.0, 5))
    store.all_runs(root)
    assert ask(root, "SELECT count(*) FROM runs") == [(5,)]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


def drop(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE metrics")
        database.execute("DROP TABLE runs")


def rewrite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("UPDATE runs SET record = '[1]'")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, overwrite, drop, empty])
def test_a_damaged_index_is_written_anew(root: Path, damage: Callable[[Path], None]) -> None:
    expected = listed(root)
    damage(root / index.FILE)
    assert listed(root) == expected
    assert ask(root, "SELECT count(*), sum(test) FROM runs") == [(4, 206.0)]
    assert ask(root, "SELECT count(*) FROM metrics") == [(16,)]


def test_records_that_cannot_be_understood_are_read_from_their_folders(root: Path) -> None:
    expected = listed(root)
    rewrite(root / index.FILE)
    assert listed(root) == expected


def foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE notes (text)")


def text(path: Path) -> None:
    path.write_text("my notes")


def newer(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {index.VERSION + 1}")


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (foreign, "not an index of runs"),
        (text, "not an index of runs"),
        (link, "not an index of runs"),
        (pipe, "not an index of runs"),
        (newer, "a newer version wrote this index"),
    ],
)
def test_an_index_of_others_or_of_a_newer_version_is_left_alone(
    root: Path, change: Callable[[Path], None], message: str
) -> None:
    expected, path = listed(root), root / index.FILE
    change(path)
    status = path.lstat()
    results, broken = store.all_runs(root)
    assert len(results) == len(expected) and [message in str(error) for error in broken] == [True]
    with pytest.raises(StoreError, match=message):
        store.rebuild_index(root)
    assert (path.lstat().st_ino, path.lstat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns)


def test_an_index_of_an_earlier_version_is_written_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = listed(root)
    monkeypatch.setattr(index, "VERSION", index.VERSION + 1)
    save(root, made(60.0, 5, name="new"))
    assert listed(root) == [*expected, ("5", "new", 60.0)]
    assert ask(root, "SELECT count(*) FROM runs") == [(5,)]
    assert ask(root, "PRAGMA user_version") == [(index.VERSION,)]


def test_without_an_index_that_can_be_written_everything_is_read_from_folders(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    expected = listed(root)
    monkeypatch.setattr(sqlite3, "connect", refuse)
    assert listed(root) == expected and store.find(root, "run-2").name == f"{2:012d}"
    with pytest.raises(StoreError, match="the index cannot be written .*; all commands work without it"):
        store.rebuild_index(root)


def test_an_index_that_is_locked_is_waited_for_and_then_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = listed(root)
    monkeypatch.setattr(index, "WAIT", 0.05)
    with sqlite3.connect(root / index.FILE, isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        save(root, made(60.0, 5, name="new"))
        assert listed(root) == [*expected, ("5", "new", 60.0)]
        database.execute("ROLLBACK")
    listed(root)
    assert ask(root, "SELECT count(*) FROM runs") == [(5,)]


def test_numbers_and_letters_that_sqlite_does_not_hold(root: Path) -> None:
    run = made(math.nan, 7, name="a\ud800b")
    run.metrics["dev"] = {"accuracy": math.inf}
    run.cost["parameters"] = 1 << 70
    save(root, replace(run, seed=1 << 80))
    expected = store.all_runs(root)[0]
    assert ask(root, "SELECT name, seed, dev, test, parameters FROM runs WHERE id LIKE '%7'") == [
        ("a?b", float(1 << 80), math.inf, None, float(1 << 70))
    ]
    assert repr(store.all_runs(root)[0]) == repr(expected)  # as text, since NaN is not equal to itself


def test_a_folder_with_a_name_that_is_not_text_is_read_every_time(root: Path) -> None:
    os.rename(os.fsencode(root / f"{3:012d}"), os.fsencode(root) + b"/\xff")
    for _ in range(2):
        assert len(store.all_runs(root)[0]) == 4
    assert ask(root, "SELECT count(*) FROM runs") == [(3,)]


def test_a_trigger_that_others_have_put_in_never_runs(root: Path) -> None:
    store.all_runs(root)
    with sqlite3.connect(root / index.FILE) as database:
        database.execute("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM options; END")
    save(root, made(60.0, 5, name="new"))
    store.all_runs(root)
    assert ask(root, "SELECT count(DISTINCT folder) FROM options") == [(5,)]


def add_runs(root: Path, first: int) -> None:
    for number in range(first, first + 15):
        save(root, made(50.0, number, name=f"run-{number}"))
        store.all_runs(root)


def test_processes_that_save_and_list_at_the_same_time_end_in_one_whole_index(root: Path) -> None:
    children = []
    for number in range(1, 4):
        if not (child := os.fork()):
            try:
                add_runs(root, 100 * number)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert len(store.all_runs(root)[0]) == 49
    assert ask(root, "PRAGMA integrity_check") == [("ok",)]
    assert ask(root, "SELECT count(*) FROM runs") == [(49,)]
    assert ask(root, "SELECT count(*) FROM metrics") == [(4 * 49,)]


def test_a_command_that_saves_runs_brings_an_index_up_to_date_and_writes_no_new_one(root: Path) -> None:
    store.update_index(root)
    assert not (root / index.FILE).exists()
    store.all_runs(root)
    save(root, made(60.0, 5))
    store.update_index(root)
    assert ask(root, "SELECT count(*) FROM runs") == [(5,)]
