"""Ctrl-C at any moment: runs are complete or absent, and the next run succeeds."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import Done, Seqlab, entries
from stops import MOMENTS

from core.cli.shared_keys import INTERRUPTED
from core.data import atomic
from core.runs import store
from core.runs.trained_model import load

PLUGIN = Path(__file__).parents[1] / "helpers" / "stops.py"
WORDS = [f"plugin={PLUGIN}", "task=tags", "data=rows", "encoder=same", "embedding=vectors", "train.epochs=2"]
STATUS = {"training": "interrupted", "saving": "finished"}  # moment -> status of the saved run


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def whole_runs(folder: Path) -> list[store.Result]:
    """The runs of a folder, which holds nothing else but the checkpoints of those that were interrupted."""
    results, broken = store.all_runs(folder)
    unfinished = [f"{result.id}.unfinished" for result in results if result.status == "interrupted"]
    assert not broken and entries(folder) == sorted([*(result.id for result in results), *unfinished])
    return results


@pytest.mark.parametrize("moment", [m for m in MOMENTS if m != "predicting"])
def test_ctrl_c_leaves_only_complete_folders(
    moment: str, seqlab: Seqlab, place: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOP_AT", moment)
    done = seqlab("run", *WORDS, "quiet=true")
    assert done.code == 130 and done.err.strip() in ("error: interrupted", INTERRUPTED)
    saved = whole_runs(place / "runs")
    assert [result.status for result in saved] == ([STATUS[moment]] if moment in STATUS else [])
    assert not [name for name in entries(own_cache) if name.startswith(".")]
    for result in saved:
        assert load(result.id).predict(["a b"])
    monkeypatch.setenv("STOP_AT", "")
    again = seqlab("run", *WORDS, "quiet=true")
    assert again.code == 0 and [result.status for result in whole_runs(place / "runs")] == ["finished"]
    assert ("saved run in" in again.out) == (moment == "saving")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("moment", ["before data", "training", "saving"])
def test_a_signal_that_ends_a_process_loses_no_more_than_ctrl_c(
    moment: str, number: int, status: int, seqlab: Seqlab, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOP_AT", moment)
    monkeypatch.setenv("STOP_BY", str(int(number)))
    done = seqlab("run", *WORDS, "quiet=true")
    assert done.code == status and done.err.strip() == INTERRUPTED
    assert [run.status for run in whole_runs(place / "runs")] == ([STATUS[moment]] if moment in STATUS else [])
    assert signal.getsignal(number) is signal.SIG_DFL


class Stopping(io.StringIO):
    """A screen on which the first thing that is printed is interrupted."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            super().write(text)
            os.kill(os.getpid(), signal.SIGINT)
        return len(text)


def test_ctrl_c_in_the_table_loses_no_run(seqlab: Seqlab, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Stopping())
        done = seqlab("run", *WORDS, "quiet=true")
    assert done.code == 130 and done.err.strip() == "error: interrupted"
    assert [result.status for result in whole_runs(place / "runs")] == ["finished"]


def test_ctrl_c_in_a_grid_shows_the_results_and_the_next_call_continues(
    seqlab: Seqlab, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = seqlab("run", *WORDS, "quiet=true", "seed=1")
    monkeypatch.setenv("STOP_AT", "embedding")
    done = seqlab("run", *WORDS, "quiet=true", "seed=1,2,3")
    assert done.code == 130 and "same" in done.out and first.code == 0
    (finished,) = whole_runs(place / "runs")
    which = f"interrupted in run 2 of 3 (tags on rows: same, vectors, seed 2); finished and saved: {finished.id}"
    assert done.err.splitlines() == [which, INTERRUPTED]
    monkeypatch.setenv("STOP_AT", "")
    assert seqlab("run", *WORDS, "quiet=true", "seed=1,2,3").code == 0
    assert len(whole_runs(place / "runs")) == 3


@pytest.mark.parametrize("command", ["run", "bench"])
def test_the_same_command_reuses_finished_runs_and_goes_on_with_the_interrupted_one(
    command: str, seqlab: Seqlab, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seqlab(command, *WORDS, "quiet=true", "seed=1")
    (finished,) = whole_runs(place / "runs")
    record = (place / "runs" / finished.id / "run.json").read_bytes()
    monkeypatch.setenv("STOP_AT", "training")
    done = seqlab(command, *WORDS, "quiet=true", "seed=1,2")
    assert done.code == 130 and done.err.splitlines()[-1] == INTERRUPTED
    assert sorted(result.status for result in whole_runs(place / "runs")) == ["finished", "interrupted"]
    monkeypatch.setenv("STOP_AT", "")
    assert seqlab(command, *WORDS, "quiet=true", "seed=1,2").code == 0
    (again,) = [result for result in whole_runs(place / "runs") if result.id != finished.id]
    assert again.status == "finished" and [row["epoch"] for row in again.curve] == [1, 2]
    assert again.facts["resumed"] == 1 and again.notes[-1].code != "checkpoint.resumed"
    assert any("resumes from its checkpoint" in note.text for note in again.notes)
    assert (place / "runs" / finished.id / "run.json").read_bytes() == record


def test_observers_are_notified_of_an_interrupt(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    from core import config
    from core.experiment.observers import Observer
    from core.experiment.runner import run_one

    ends: list[Any] = []

    class Watch(Observer):
        def end(self, **facts: Any) -> None:
            ends.append(facts["status"])

    monkeypatch.setenv("STOP_AT", "embedding")
    with pytest.raises(KeyboardInterrupt):
        run_one(config.expand([*WORDS, "quiet=true"])[0], [Watch()])
    assert ends == ["interrupted"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_folder_that_cannot_be_renamed_leaves_the_previous_one(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, place, replace = tmp_path / "root", tmp_path / "root" / "it", os.replace
    place.mkdir(parents=True)
    (place / "old").write_text("stays")

    def fails(source: Any, target: Any) -> None:
        if Path(source).name.startswith(".making-"):
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(error), atomic.temporary_folder(root) as made:
        atomic.replace_folder(made, place)
    assert entries(root) == ["it"] and entries(place) == ["old"]


def test_many_processes_that_replace_one_folder_all_succeed(tmp_path: Path) -> None:
    root, failures, start = tmp_path / "root", [], threading.Barrier(6)
    place = root / "it"
    root.mkdir()

    def take(number: int) -> None:
        start.wait()
        try:
            for turn in range(25):
                with atomic.temporary_folder(root) as made:
                    for part in "abc":
                        (made / part).write_text(f"{number} {turn}")
                    atomic.replace_folder(made, place)
        except BaseException as error:  # noqa: BLE001 - counted, whatever it is
            failures.append(error)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and entries(root) == ["it"]
    assert entries(place) == ["a", "b", "c"] and len({(place / part).read_text() for part in "abc"}) == 1


def start(place: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "core", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=place, text=True, preexec_fn=_listen, **pipes)


def _listen() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what a shell starts in the background ignores it


@pytest.mark.slow
def test_two_processes_with_the_same_run_both_finish_and_save_one(place: Path, own_cache: Path) -> None:
    words = ["run", "task=pos", "encoder=lstm", "data.limit=100", "train.epochs=1", "quiet=true", "fresh=true"]
    both = [start(place, *words) for _ in range(2)]
    outcomes = [Done(0, *process.communicate(timeout=300))._replace(code=process.returncode) for process in both]
    assert [done.code for done in outcomes] == [0, 0], outcomes
    (result,) = whole_runs(place / "runs")
    assert load(result.id).predict(["the cats sleep ."])
    assert not [name for name in entries(own_cache) if name.startswith(".")]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.5, 3, 8])
def test_an_interrupted_process_prints_one_line(seconds: float, place: Path) -> None:
    process = start(place, "run", "task=pos", "encoder=lstm", "train.epochs=500", "quiet=true")
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    before_main = seconds < 1 and (process.returncode == -signal.SIGINT or "init_import_site" in err)
    assert process.returncode == 130 or before_main, (process.returncode, err)  # Python itself was starting
    assert "Traceback" not in err or before_main
    for result in whole_runs(place / "runs"):
        assert result.status == "interrupted"
