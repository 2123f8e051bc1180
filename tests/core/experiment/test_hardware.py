"""What is no run's cost: imports and compiling are done before its clock starts, freed memory is given back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core import config
from core.experiment import hardware, runner
from core.runs import components

POS = ["task=pos", "encoder=ngram", "encoder.order=2", "encoder.smoothing=witten-bell", "data.limit=50"]

PROBE = f"""
from core import config
from core.runs import components
from core.counting.hmm import viterbi
from core.experiment.runner import run_one

def compiled():
    return [len(kernel.signatures) for kernel in (viterbi._reach, viterbi._decode)]

cell = config.expand({[*POS, "quiet=true"]!r})[0]
components.warm(cell)
print(compiled())
run_one(cell)
print(compiled())
"""


def test_a_run_compiles_nothing_that_was_not_compiled_ahead(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(core.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert done.stdout.splitlines() == ["[1, 1]"] * 2, done.stderr


def test_the_clock_starts_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Noted(hardware.Watch):
        def __init__(self, memory: bool = False) -> None:
            order.append("clock")
            super().__init__(memory)

    def warm(cell: Any) -> None:
        order.append("warm")

    monkeypatch.setattr(components, "warm", warm)
    monkeypatch.setattr(runner, "Watch", Noted)
    runner.run_one(config.expand([*POS, f"runs={tmp_path}", "quiet=true"])[0])
    assert order[:2] == ["warm", "clock"]


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="only Linux resets the peak")
def test_the_peak_of_memory_starts_anew_without_what_was_freed() -> None:
    blocks = [np.ones(12_500) for _ in range(2_000)]  # 200 MB in blocks that the C library keeps when freed
    high = hardware.Watch().peak_bytes
    blocks = blocks[-1:]  # above the freed ones, which therefore stay with the process
    low = hardware.Watch(memory=True).peak_bytes
    assert high - low > 150e6
