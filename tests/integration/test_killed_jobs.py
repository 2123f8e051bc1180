"""A ``bench`` with two jobs that is killed at random moments ends in the bits of one undisturbed job."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from command_line import entries
from forked import Forks, forks
from killed import assert_same_runs
from small_data import write_small

from core.runs import store

pytestmark = pytest.mark.slow

KILLS, LONGEST = 10, 1.0  # seconds of training before a kill
SAVING = ["quiet=true", "train.checkpoint_minutes=0.000001", "threads=1"]
GRID = ["bench", "task=pos", "encoder=rnn,gru", "seed=1,2", "encoder.hidden_size=8", "train.batch_size=4", *SAVING]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks(tmp_path_factory.mktemp("forks")) as found:
        yield found


def saved(runs: Path) -> set[Path]:
    """What a folder holds of its runs so far."""
    return {*runs.glob("*.unfinished/*"), *runs.glob("*/run.json")}


def training(runs: Path, seconds: float) -> Callable[[], bool]:
    """Whether so many seconds have passed since something new was saved."""
    known, started = saved(runs), list[float]()

    def is_over() -> bool:
        if not started and saved(runs) - known:
            started.append(time.monotonic())
        return bool(started) and time.monotonic() - started[0] > seconds

    return is_over


def forked(server: Forks) -> list[psutil.Process]:
    """The processes of the commands that the server has run, but these themselves."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            is_own = process.cwd() == str(server.log.parent.resolve())
            if is_own and "multiprocessing.forkserver" in " ".join(process.cmdline()):
                found.append(process)
    return found


def workers(server: Forks) -> list[psutil.Process]:
    """Those that run something; the others have forked them."""
    found = forked(server)
    return [process for process in found if process.ppid() in {other.pid for other in found}]


def test_ten_kills_of_two_jobs_end_in_the_bits_of_one(server: Forks, tmp_path: Path) -> None:
    words, moments = [*GRID, "train.epochs=15", f"data={write_small(tmp_path)['pos']}"], random.Random("jobs")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert server.run(*words, f"runs={whole}") == 0, server.log.read_text()
    kills = 0
    while kills < KILLS:
        after = training(killed, moments.uniform(0, LONGEST))
        if kills % 2:  # a worker: the command replaces it and goes on; then the command itself
            after = _killing_a_worker(server, after, moments)
        status = server.run(*words, "jobs=2", f"runs={killed}", after=after)
        assert status in (-signal.SIGKILL, 0), server.log.read_text()
        if status == 0:
            break
        kills += 1
    assert kills >= KILLS // 2, "the runs are too short"
    assert server.run(*words, "jobs=2", f"runs={killed}") == 0, server.log.read_text()
    assert_same_runs(whole, killed)


def _killing_a_worker(server: Forks, after: Callable[[], bool], moments: random.Random) -> Callable[[], bool]:
    """Kills a worker once the moment has come, and the command a little later."""
    killed = list[float]()

    def is_over() -> bool:
        if not killed and after():
            for worker in workers(server)[: moments.choice([1, 2])]:
                worker.kill()
            killed.append(time.monotonic())
        return bool(killed) and time.monotonic() - killed[0] > 0.5

    return is_over


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_both_jobs_which_save_checkpoints_and_leaves_no_process(
    number: int, expected: int, server: Forks, tmp_path: Path
) -> None:
    words, runs = (
        [*GRID, "jobs=2", f"data={write_small(tmp_path)['pos']}", f"runs={tmp_path / 'runs'}"],
        tmp_path / "runs",
    )

    def both_train() -> bool:
        return (
            len({path.parent for path in runs.glob("*.unfinished/*.training")}) >= 2
        )  # a run keeps two checkpoints

    status = server.run(*words, "train.epochs=5000", after=both_train, number=number)
    assert status == expected, server.log.read_text()
    results, _ = store.all_runs(runs)
    assert [result.status for result in results] == ["interrupted"] * 2
    assert entries(runs) == sorted(name for r in results for name in (r.id, f"{r.id}.unfinished"))
    assert "interrupted in runs 1, 2 of 4" in server.log.read_text()
    end = time.monotonic() + 20
    while forked(server) and time.monotonic() < end:
        time.sleep(0.1)
    assert not forked(server)
