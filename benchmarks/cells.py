"""CPU seconds of a small cell of a grid in a warm process: python benchmarks/cells.py [KEY=VALUE ...]

Each cell is one run that is trained, scored and saved, as ``bench`` does it, in a folder of its own. The first
cell of a row warms the process up; of the ``REPEATS`` others the median is shown: in all, in training, and beyond
training by stage. A stage's seconds are without those of the stages that it calls. They are CPU seconds of one
thread, so that other programs on the machine count little. Overrides replace the rows by one of their own:

    python benchmarks/cells.py task=pos encoder=ngram data=ewt
"""

from __future__ import annotations

import importlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from core import config
from core.experiment.runner import run_one

REPEATS = 5
CELLS = (
    ("task=pos", "encoder=ngram"),
    ("task=sentiment", "encoder=ngram"),
    ("task=lm", "encoder=ngram"),
    ("task=pos", "encoder=bilstm", "train.epochs=1"),
    ("task=sentiment", "encoder=bilstm", "train.epochs=1"),
    ("task=lm", "encoder=lstm", "train.epochs=1"),
)
STAGES = {  # stage -> what belongs to it, as the runner calls it
    "config": ("core.config:expand",),
    "source": ("core.config.run_config:source_text", "core.data.sources.files:Files.fingerprint"),
    "find": ("core.experiment.runner:find_cached_run", "core.experiment.runner:runtime_of"),
    "probes": ("core.experiment.hardware:release", "core.experiment.record:environment"),
    "warm": ("core.runs.components:warm", "core.runs.components:compile_kernels"),
    "read": ("core.experiment.runner:prepare_cached", "core.evaluation.remarks:of_data"),
    "build": ("core.runs.components:model",),
    "fit": ("core.counting.model:CountingModel.fit", "core.neural.model:NeuralModel.fit"),
    "predict": ("core.runs.whole_models:predict",),
    "baselines": ("core.evaluation.baselines:ceiling", "core.experiment.record:data_scores"),
    "record": ("core.experiment.runner:make_record", "core.evaluation.remarks:of_run"),
    "model": ("core.runs.store:_write_model",),
    "arrays": ("numpy:savez_compressed",),
    "text": ("core.runs.store:_write_text",),
    "checksums": ("core.runs.checksums:write",),
    "save": ("core.runs.store:write",),
}


class Stages:
    """The seconds of each stage, without those of the stages within it."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Count from zero."""
        self.seconds = dict.fromkeys([*STAGES, "other"], 0.0)
        self.running = ["other"]
        self.since = time.process_time()

    def switch(self) -> None:
        """Count the time until now for the stage that runs."""
        now = time.process_time()
        self.seconds[self.running[-1]] += now - self.since
        self.since = now

    def watch(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time counts for a stage."""

        @wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.switch()
            self.running.append(stage)
            try:
                return function(*args, **kwargs)
            finally:
                self.switch()
                self.running.pop()

        return watched


def install(stages: Stages) -> None:
    """Replace what belongs to a stage by what measures it."""
    for stage, targets in STAGES.items():
        for target in targets:
            module, _, path = target.partition(":")
            owner: Any = importlib.import_module(module)
            *outer, name = path.split(".")
            for attribute in outer:
                owner = getattr(owner, attribute)
            setattr(owner, name, stages.watch(stage, getattr(owner, name)))


def measure(stages: Stages, given: tuple[str, ...], runs: str) -> tuple[float, dict[str, float]]:
    """The median seconds of a cell, and of each of its stages."""
    totals, found = [], []
    for number in range(REPEATS + 1):
        stages.start()
        run_one(config.expand([*given, f"runs={runs}/{number}", "threads=1", "quiet=true"])[0])
        stages.switch()
        totals.append(sum(stages.seconds.values()))
        found.append(stages.seconds)
    medians = {stage: statistics.median(each[stage] for each in found[1:]) for stage in found[0]}
    return statistics.median(totals[1:]), medians


def main(overrides: list[str]) -> None:
    """Print one row per cell."""
    stages = Stages()
    install(stages)
    rest = [stage for stage in stages.seconds if stage != "fit"]
    names = ["cell", "total", "fit", "beyond", *rest]
    rows = [names]
    for given in [tuple(overrides)] if overrides else CELLS:
        with tempfile.TemporaryDirectory() as runs:
            total, seconds = measure(stages, given, runs)
        title = " ".join(text.partition("=")[2] for text in given[:2])
        values = [total, seconds["fit"], total - seconds["fit"], *(seconds[stage] for stage in rest)]
        rows.append([title, *(f"{value:.3f}" for value in values)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
