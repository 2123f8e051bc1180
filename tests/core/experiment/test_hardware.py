"""The cost of a run is that of reading, fitting and predicting, whatever was imported before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import core
from core import config
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.evaluation import baselines
from core.experiment import hardware, record, runner
from core.runs import components
from core.task import Task

POS = ["task=pos", "encoder=ngram", "encoder.order=2", "encoder.smoothing=witten-bell", "data.limit=50"]
CASES = {
    "neural": ["task=pos", "encoder=lstm", "data.limit=1000", "train.epochs=1"],
    "tagging": ["task=pos", "encoder=ngram", "data.limit=500"],
    "language": ["task=lm", "encoder=ngram", "encoder.order=3", "data.limit=500"],
}

COMPILED = f"""
from core import config
from core.runs import components
from core.counting.hmm import transitions, viterbi
from core.experiment.runner import run_one

def compiled():
    return [len(kernel.signatures) for kernel in (transitions._reach, viterbi._decode)]

cell = config.expand({[*POS, "quiet=true"]!r})[0]
components.warm(cell, False, "cpu")
print(compiled())
run_one(cell)
print(compiled())
"""

COSTS = """
import json, sys
from core import config
from core.experiment.runner import run_one

costs = [run_one(cell).cost["cpu_seconds"] for cell in config.expand(sys.argv[1:])]
print(json.dumps([costs, [name for name in ("torch._dynamo", "sympy") if name in sys.modules]]))
"""

WITHOUT_RESOURCE = """
import importlib, pkgutil, sys
import psutil  # which imports it on Linux
sys.modules["resource"] = None
import core, plugins, tasks
for package in (core, plugins, tasks):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
from core.experiment.hardware import ResourceMonitor
with (monitor := ResourceMonitor()).measure("fit"):
    pass
"""


def python(code: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    path = os.pathsep.join([str(Path(core.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", code, *words]
    variables = os.environ | {"PYTHONPATH": path}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=variables)


def test_a_run_compiles_nothing_that_was_not_compiled_ahead(tmp_path: Path) -> None:
    done = python(COMPILED, tmp_path)
    assert done.stdout.splitlines() == ["[1, 1]"] * 2, done.stderr


@pytest.mark.parametrize("case", CASES)
def test_the_runs_of_a_fresh_process_cost_the_same(case: str, tmp_path: Path) -> None:
    words = [*CASES[case], f"runs={tmp_path}", "quiet=true"]
    cell = config.expand(words)[0]
    spec = cell.kind.token_spec(components.task(cell))
    prepare(components.source(cell), spec, DataOptions(**cell.data_options))  # fills the id cache
    done = python(COSTS, tmp_path, *words, "seed=1,2,3")
    assert done.returncode == 0, done.stderr
    (first, *others), slow_to_import = json.loads(done.stdout)  # CPU seconds, not slowed by other processes
    assert not slow_to_import
    for other in others:
        assert first <= 1.5 * other + 0.05 and other <= 1.5 * first + 0.05, (first, others)


def test_the_cost_is_that_of_reading_fitting_and_predicting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = [0]  # seconds, an hour for each of the others

    def slow(function: Any) -> Any:
        return lambda *given: (spent.append(spent.pop() + 3600), function(*given))[1]

    outside = [(components, "warm"), (baselines, "ceiling"), (baselines, "chance"), (Task, "score")]
    for owner, name in [*outside, (record, "environment")]:
        monkeypatch.setattr(owner, name, slow(getattr(owner, name)))
    wall, cpu = time.perf_counter, time.process_time
    clocks = {"perf_counter": lambda: wall() + spent[0], "process_time": lambda: cpu() + spent[0]}
    monkeypatch.setattr(hardware, "time", SimpleNamespace(**clocks))
    cost = runner.run_one(config.expand([*POS, f"runs={tmp_path}", "quiet=true"])[0]).cost
    assert spent[0] >= 5 * 3600
    assert cost["train_seconds"] + cost["predict_seconds"] < cost["seconds"] < 3600
    assert cost["cpu_seconds"] < 3600


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="only Linux resets the peak")
def test_the_peak_of_memory_is_without_what_was_freed_before() -> None:
    blocks = [np.ones(12_500) for _ in range(2_000)]  # 200 MB in blocks that the C library keeps when freed
    high = hardware.peak_bytes()
    blocks = blocks[-1:]  # above the freed ones, which therefore stay with the process
    with (monitor := hardware.ResourceMonitor()).measure("nothing"):
        pass
    assert high - monitor.peak_bytes > 150e6
    with monitor.measure("something"):
        before, blocks = monitor.peak_bytes, [np.ones(12_500_000)]
    assert monitor.peak_bytes - before > 90e6


def test_the_peak_on_a_gpu_is_that_of_the_run_once_its_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def call(name: str, result: int | None = None) -> Any:
        return lambda device: (calls.append(f"{name} {device}"), result)[1]

    monkeypatch.setattr("torch.cuda.reset_peak_memory_stats", call("reset"))
    monkeypatch.setattr("torch.cuda.synchronize", call("wait"))
    monkeypatch.setattr("torch.cuda.max_memory_allocated", call("read", 5_000_000))
    with (monitor := hardware.ResourceMonitor("cuda:1")).measure("fit"):
        calls.append("work")
    assert calls == ["reset cuda:1", "work", "wait cuda:1", "read cuda:1"] and monitor.gpu_peak_bytes == 5_000_000
    with (monitor := hardware.ResourceMonitor()).measure("fit"):
        pass
    assert len(calls) == 4 and monitor.gpu_peak_bytes is None


def test_every_module_can_be_imported_where_there_is_no_module_resource(tmp_path: Path) -> None:
    done = python(WITHOUT_RESOURCE, tmp_path)
    assert done.returncode == 0, done.stderr
