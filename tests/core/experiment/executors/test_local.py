"""Real processes: the bits of runs one after the other, a process that is killed, one without memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deadly
import psutil
import pytest
import stops
from killed import assert_same, words

from core import config
from core.errors import MEMORY
from core.experiment.executors.local import LIBRARIES, LocalExecutor
from core.experiment.executors.schedule import LOST
from core.experiment.grid import run_grid
from core.experiment.observers import GridObserver

GRID: dict[str, Any] = {"encoder": "rnn", "seed": "1,2", "threads": 1}


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    """Two processes, which are not there any more afterwards."""
    with LocalExecutor(2) as found:
        yield found
        processes = [worker.process.pid for worker in found.workers]  # type: ignore[attr-defined] # local ones
    assert not found.workers and not any(psutil.pid_exists(pid) for pid in processes)


def test_a_process_that_is_killed_is_replaced_and_all_runs_have_the_bits_of_one_process(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    given = {"plugin": deadly.__file__, "observer": "deadly", "observer.mark": str(tmp_path / "mark")}
    there = run_grid(config.expand(words(tmp_path / "there", "pos", **GRID | given)), GridObserver(), executor)
    here = run_grid(config.expand(words(tmp_path / "here", "pos", **GRID)), GridObserver())
    assert len(there.results) == 2 and there.status == 0
    for one, other in zip(there.results, here.results, strict=True):
        assert_same(one, other)
        assert one.id == other.id and "jobs" not in one.config and "engine" not in one.config
    assert sorted(result.facts.get("resumed", 0) for result in there.results) == [0, 1]
    assert int((tmp_path / "mark").read_text()) != os.getpid()


def test_memory_that_runs_out_and_a_kill_are_failures_of_their_runs(
    executor: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {"plugin": stops.__file__, "task": "tags", "data": "rows", "embedding": "vectors"}
    given |= {"encoder": "same,rnn", "runs": str(tmp_path / "runs"), "train.epochs": 1, "encoder.hidden_size": 2}
    monkeypatch.setenv("WASTE", "numpy")
    outcome = run_grid(config.expand(given), GridObserver(), executor)
    assert [result.encoder for result in outcome.results] == ["rnn"] and outcome.status == 1
    (failure,) = outcome.failures
    assert failure.error.code == MEMORY and "out of memory while training the model" in str(failure.error)
    monkeypatch.setenv("WASTE", "nothing")
    monkeypatch.setenv("STOP_AT", "training")
    monkeypatch.setenv("STOP_BY", str(int(signal.SIGKILL)))
    with LocalExecutor(2) as other:
        outcome = run_grid(config.expand(given), GridObserver(), other)
    (failure,) = outcome.failures
    assert failure.error.code == LOST and "was killed by SIGKILL, 2 times" in str(failure.error)
    assert [result.encoder for result in outcome.results] == ["rnn"]
    assert "same, vectors, seed 1 was killed by SIGKILL; it is started again" in capsys.readouterr().err


@pytest.mark.slow
def test_the_process_that_is_forked_has_one_thread_and_does_not_notice_forks() -> None:
    code = f"import importlib, os, sys; [importlib.import_module(name) for name in {LIBRARIES}]"
    code += "; print(len(os.listdir('/proc/self/task')), 'core.neural.torch_settings' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]
