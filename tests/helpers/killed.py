"""A run that is killed at a step, within this process: an exception that nothing handles stands for the kill."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import entries
from small_data import write_small

from core import config
from core.experiment.observers import Observer
from core.experiment.runner import run_one
from core.neural.trainer import Trainer
from core.runs import store
from core.runs.result import Result

TIMES = ("seconds", "tokens_per_second")
TIMED = ("word2vec.trained", "word2vec.cached")  # notes about the speed of a training, and that it is over
ALWAYS = 1e-9  # checkpoint_minutes after which every step is saved
SMALL = {"train.epochs": 3, "train.batch_size": 8, "encoder.hidden_size": 6, "quiet": True}
CASES: dict[str, dict[str, Any]] = {
    "stream": {"task": "lm", "task.mode": "stream", "train.bptt": 6, "encoder": "lstm"},
    "lm": {"task": "lm", "task.mode": "sentence", "encoder": "gru", "train.schedule": "linear"},
    "pos": {"task": "pos", "encoder": "bilstm", "encoder.dropout": 0.3, "encoder.num_layers": 2},
    "sentiment": {"task": "sentiment", "encoder": "rnn", "train.schedule": "plateau", "train.patience": 1},
}
STEPS = 5  # steps of an epoch


class Killed(BaseException):
    """Stands for the end of a process at any moment."""


@cache
def small_data() -> dict[str, str]:
    """The folder of the data of each task; notes name it, so all runs that are compared share it."""
    return write_small(Path(tempfile.mkdtemp(prefix="seqlab-killed-")))


def words(root: Path, case: str, **more: Any) -> dict[str, Any]:
    """The arguments of a run on small data that is saved below a folder; every step of it is saved."""
    given = {"data": small_data()[CASES[case]["task"]], "runs": str(root / "runs")}
    return given | SMALL | CASES[case] | {"train.checkpoint_minutes": ALWAYS} | more


def run(given: dict[str, Any], *observers: Observer) -> Result:
    """One run."""
    return run_one(config.expand(given)[0], observers)


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Kill this process when it has taken so many steps of training."""
    own, taken = Trainer.step, [0]

    def counted(self: Trainer, *arguments: Any) -> None:
        if taken[0] == step:
            raise Killed
        taken[0] += 1
        own(self, *arguments)

    monkeypatch.setattr(Trainer, "step", counted)


class Kill(Observer):
    """Kills the process at the given report of progress."""

    def __init__(self, at: int) -> None:
        self.left = at

    def progress(self, **facts: Any) -> None:
        self.left -= 1
        if not self.left:
            raise Killed


def run_killed(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, step: int, *observers: Observer) -> None:
    """A run that is killed after so many steps."""
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_at(patch, step)
        run(given, *observers)


def untimed(result: Result) -> dict[str, Any]:
    """What a record must have in common with that of a run that was never killed."""
    curve = [{name: value for name, value in row.items() if name not in TIMES} for row in result.curve]
    facts = {name: value for name, value in result.facts.items() if name != "resumed"}
    notes = [(note.code, note.text) for note in result.notes if not note.code.startswith(("checkpoint.", *TIMED))]
    return {"metrics": result.metrics, "curve": curve, "chosen": result.chosen, "facts": facts, "notes": notes}


def assert_same(one: Result, other: Result) -> None:
    """Both runs have the same bits: weights, predictions, scores and learning curve."""
    assert repr(untimed(one)) == repr(untimed(other))  # NaN equals itself
    name = "model.safetensors"
    assert (one.path / name).read_bytes() == (other.path / name).read_bytes()
    with np.load(one.path / "predictions.npz") as a, np.load(other.path / "predictions.npz") as b:
        assert set(a) == set(b) and all(np.array_equal(a[key], b[key]) for key in a)


def assert_same_runs(one: Path, other: Path) -> None:
    """Both folders hold the same finished runs, and nothing else."""
    results = [{result.id: result for result in store.all_runs(root)[0]} for root in (one, other)]
    assert sorted(results[0]) == sorted(results[1]) == entries(one) == entries(other)
    for run_id, result in results[0].items():
        assert result.status == results[1][run_id].status == "finished"
        if result.scores_test:
            assert_same(result, results[1][run_id])
        else:  # a trial saves no model
            assert repr(untimed(result)) == repr(untimed(results[1][run_id]))
