"""Seconds of the verdicts on a table of saved runs: python benchmarks/verdict_seconds.py [encoders=10] [seeds=3]

One run is trained per task (pos, sentiment and lm on the toy language). Its copies stand for the other encoders
and seeds: each has other predictions for some of the events. The verdicts are read from the saved runs.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import core
from core.runs import store
from core.runs.predictions import rebuild
from core.runs.result import Result
from core.runs.verdicts import read_verdict
from core.types import Arrays

RUN = {
    "encoder": "ngram",
    "encoder.order": 2,
    "encoder.smoothing": "witten-bell",
    "data.limit": 500,
    "quiet": True,
}
REPEATS = 5


def changed(arrays: Arrays, share: float, random: np.random.Generator) -> Arrays:
    """Predictions with some of the events changed: another label, or a lower log-probability."""
    if "log_prob" in arrays:
        worse = share * random.exponential(1, len(arrays["log_prob"]))
        return {"log_prob": (arrays["log_prob"] - worse).astype(np.float32)}
    hit = random.random(len(arrays["label"])) < share
    return {"label": np.where(hit, random.permutation(arrays["label"]), arrays["label"])}


def copies(first: Result, encoders: int, seeds: int) -> dict[str, list[Result]]:
    """Saved runs of as many encoders and seeds, by the name of the encoder."""
    task, corpus, arrays = rebuild(first, "test")
    rows: dict[str, list[Result]] = {}
    for encoder in range(encoders):
        for seed in range(seeds):
            own = changed(arrays, 0.01 * (1 + encoder), np.random.default_rng([encoder, seed]))
            folder = first.path.with_name(f"{first.id}-{encoder}-{seed}")
            folder.mkdir()
            for name in (store.CONFIG, store.RECORD, store.LABELS):
                if (first.path / name).exists():
                    (folder / name).write_bytes((first.path / name).read_bytes())
            np.savez_compressed(folder / store.PREDICTIONS, **{f"test.{key}": own[key] for key in own})
            metrics = first.metrics | {"test": dict(task.metrics(own, corpus))}
            run = replace(first, seed=seed, metrics=metrics, folder=str(folder))
            rows.setdefault(f"encoder {encoder}", []).append(run)
    return rows


def main(encoders: int = 10, seeds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = [core.run(task=task, runs=str(Path(folder)), **RUN) for task in ("pos", "sentiment", "lm")]
        columns = [copies(run, encoders, seeds) for run in runs]
        seconds: list[float] = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            verdicts = [read_verdict(rows)[0] for rows in columns]
            seconds.append(time.perf_counter() - start)
    for run, verdict in zip(runs, verdicts, strict=True):
        assert verdict is not None
        print(f"{run.task}: {len(verdict.pairs)} pairs over {verdict.units:,} units ({verdict.unit})")
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    spread = f"median of {REPEATS}, {low:.2f} to {high:.2f}"
    print(f"{encoders} encoders x 3 tasks x {seeds} seeds: {middle:.2f} s ({spread})")


if __name__ == "__main__":
    main(**{key: int(value) for key, value in (text.split("=") for text in sys.argv[1:])})
