"""Several processes train one model: the curve of one process, one record, and an end in bounded time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torchrun
from command_line import Seqlab, entries

import core
from core.runs import store
from core.runs.checkpoints import UNFINISHED

SMALL = ("task=pos", "data.limit=30", "quiet=true", "device=cpu")
NO_NOISE = {"embedding.dropout": 0, "head.dropout": 0, "embedding.random.word_dropout": 0}
SIZES = {"embedding": "random", "embedding.random.dim": 16, "encoder.hidden_size": 16, "train.epochs": 2}
SHARED = {"device": "cpu", "threads": 1, "quiet": True, "data.limit": 300, **NO_NOISE, **SIZES}
RUNS: dict[str, dict[str, Any]] = {  # 7 streams and 9 rows for two processes: the shares are unequal
    "streams": {"task": "lm", "encoder": "lstm", "train.batch_size": 7},
    "rows": {"task": "lm", "encoder": "lstm", "task.mode": "sentence", "train.batch_size": 9},
    "tied": {"task": "lm", "encoder": "lstm", "head.tied": True, "embedding.random.dim": 12},
    "pos": {"task": "pos", "encoder": "bilstm", "train.batch_size": 9},
    "crf": {"task": "pos", "encoder": "bilstm", "head.crf": True, "train.clip": 0.1},
    "sentiment": {"task": "sentiment", "encoder": "bilstm"},
    "one row per batch": {"task": "sentiment", "encoder": "gru", "train.batch_size": 1, "data.limit": 40},
}
KILLED = {"task": "pos", "encoder": "bilstm", "encoder.hidden_size": 16, "embedding": "random"}
KILLED |= {"device": "cpu", "threads": 1, "train.epochs": 4, "data.limit": 1000}
COMMAND = ["-m", "core", "run", *(f"{key}={value}" for key, value in KILLED.items())]
COMMAND.append("train.checkpoint_minutes=0.005")
IN_PROC = pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="children are found in /proc")


def test_process_0_trains_a_counting_model_alone_and_says_so(
    seqlab: Seqlab, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torchrun.pretend(monkeypatch, 1, 2)
    other = seqlab("run", *SMALL, "encoder=ngram")
    assert (other.code, other.out, other.err, (place / "runs").exists()) == (0, "", "", False)
    torchrun.pretend(monkeypatch, 0, 2)
    first = seqlab("run", *SMALL, "encoder=ngram")
    assert (
        first.code == 0 and "ngram is a counting model: one of the 2 processes does all of the work" in first.out
    )


@pytest.mark.parametrize("rank", [0, 1])
def test_other_commands_are_refused(rank: int, seqlab: Seqlab, monkeypatch: pytest.MonkeyPatch) -> None:
    torchrun.pretend(monkeypatch, rank, 2)
    done = seqlab("runs")
    who = " in process 1" if rank else ""
    text = "runs: it runs in one process, and 2 have been started; start it without torchrun"
    assert (done.code, done.err) == (2, f"error{who}: {text}\n")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the runs of two processes, trained once for all tests."""
    folder = tmp_path_factory.mktemp("both")
    configs = [SHARED | own | {"runs": name} for name, own in RUNS.items()]
    configs.append({**KILLED, "runs": "unbroken", "quiet": True})
    done = torchrun.start(folder, torchrun.__file__, json.dumps([_as_text(config) for config in configs]))
    output, _ = done.communicate(timeout=300)
    assert done.returncode == 0, output
    assert "warning" not in output.lower(), output
    return folder


def _as_text(config: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in config.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_two_processes_give_the_curve_and_the_predictions_of_one(name: str, both: Path, tmp_path: Path) -> None:
    one = core.run(**_as_text(SHARED | RUNS[name] | {"runs": tmp_path}))
    (two,), broken = store.all_runs(both / name)
    assert not broken and (one.id, one.how | {"processes": 2}) == (two.id, two.how)
    for row, other in zip(_numbers(one.curve), _numbers(two.curve), strict=True):
        assert other == pytest.approx(row, rel=1e-4)
    assert two.chosen == one.chosen and two.metrics["test"] == pytest.approx(one.metrics["test"], rel=1e-3)
    arrays = [np.load(run.path / store.PREDICTIONS) for run in (one, two)]
    assert arrays[0].files == arrays[1].files
    for key in arrays[0].files:
        if arrays[0][key].dtype.kind == "f":
            np.testing.assert_allclose(arrays[1][key], arrays[0][key], atol=2e-3)
        else:
            assert (arrays[0][key] == arrays[1][key]).mean() > 0.999


def workers(launcher: subprocess.Popen[str]) -> list[int]:
    """The processes that torchrun has started, by their number."""
    found = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    ranks = {}
    for child in found:
        facts = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        ranks.update({int(fact[5:]): int(child) for fact in facts if fact.startswith(b"RANK=")})
    return [ranks[rank] for rank in sorted(ranks)]


def kill_one(launcher: subprocess.Popen[str]) -> list[int]:
    """Kill process 1 once the first epoch is over; returns the processes that there were."""
    assert launcher.stdout is not None and any(line.startswith("epoch 1/4") for line in launcher.stdout)
    own = workers(launcher)
    os.kill(own[1], signal.SIGKILL)
    return own


@IN_PROC
@pytest.mark.slow
def test_if_one_process_is_killed_all_end_soon_and_the_run_goes_on_with_the_same_bits(
    both: Path, tmp_path: Path
) -> None:
    launcher = torchrun.start(tmp_path, *COMMAND)
    own, begin = kill_one(launcher), time.monotonic()
    output, _ = launcher.communicate(timeout=60)
    assert launcher.returncode != 0 and time.monotonic() - begin < 45
    assert "error: process 0 of 2: another process has ended or does not answer" in output
    assert not any(os.path.exists(f"/proc/{pid}") for pid in own)
    assert store.all_runs(tmp_path / "runs") == ([], [])
    assert all(name.endswith(UNFINISHED) for name in entries(tmp_path / "runs"))
    again = torchrun.start(tmp_path, *COMMAND)
    output, _ = again.communicate(timeout=120)
    (saved,), broken = store.all_runs(tmp_path / "runs")
    (unbroken,), _ = store.all_runs(both / "unbroken")
    assert again.returncode == 0 and not broken and entries(tmp_path / "runs") == [saved.id]
    assert "the run resumes from its checkpoint" in output and saved.facts["resumed"] == 1
    assert output.count("pos on toy: test") == 1 and output.count("saved in") == 1  # process 0 alone prints
    assert _numbers(saved.curve) == _numbers(unbroken.curve) and saved.metrics == unbroken.metrics
    assert saved.how == unbroken.how == {**saved.how, "processes": 2}


@IN_PROC
@pytest.mark.slow
def test_torchrun_may_start_all_processes_again_itself(tmp_path: Path) -> None:
    launcher = torchrun.start(tmp_path, "--max-restarts=1", *COMMAND)
    kill_one(launcher)
    output, _ = launcher.communicate(timeout=120)
    (saved,), _ = store.all_runs(tmp_path / "runs")
    assert launcher.returncode == 0 and "the run resumes from its checkpoint" in output
    assert (saved.status, saved.facts["resumed"], len(saved.curve)) == ("finished", 1, 4)


def _numbers(curve: list[dict[str, Any]]) -> list[dict[str, float]]:
    """The rows of a learning curve without times."""
    return [{key: row[key] for key in row if key not in ("seconds", "tokens_per_second")} for row in curve]
