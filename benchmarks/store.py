"""Seconds of commands on a store of many runs: python benchmarks/store.py [seeds=100] [repeats=3] [folder=DIR]

One run is trained for each of five encoders on each of two tasks (the toy language). Its copies stand for the
other seeds: each has its own id, record, config and predictions, so `bench` finds all saved. With 100 seeds
these are 1,000 runs. Every command is measured as a whole, from the start of its process, in seconds by the clock
and of the processor (which other programs on the machine disturb less). `folder=DIR` keeps the store, and measures
one that is there already.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import core
from core import config
from core.data.atomic import RECORD
from core.experiment.shared_run import runtime_of
from core.runs import checksums, components, store
from core.runs.predictions import rebuild_split
from core.runs.result import Result

GRID = ["task=pos,sentiment", "encoder=bag,rnn,gru,lstm,window", "data=toy", "data.limit=500", "threads=1"]
BENCH = ["bench", *GRID, "train.epochs=1"]
LINKED = ("model.safetensors", "vocab.json", "labels.json", "model")  # what does not differ between copies
Commands = dict[str, list[str]]


def commands(seeds: int) -> Commands:
    """What is measured, by its title; the index of the first is removed before."""
    grid = [*BENCH, f"seed={','.join(map(str, range(seeds)))}", "runs=runs"]
    every = {
        "runs, no index yet": ["runs"],
        "runs": ["runs"],
        "runs where= sort= format=csv": ["runs", "where=encoder=gru,test>0", "sort=-test", "format=csv"],
        "report run=NAME": ["report", "run=the-last"],
        "bench dry_run=true": [*grid, "dry_run=true"],
        "bench": [*grid, "format=csv"],
        "bench verdicts=false": [*grid, "format=csv", "verdicts=false"],
    }
    return every


def build(folder: Path, seeds: int) -> None:
    """Train the first seed of every cell, and write the copies of the others."""
    root = folder / "runs"
    grid = config.expand([*BENCH[1:], f"seed={','.join(map(str, range(seeds)))}", f"runs={root}", "quiet=true"])
    firsts: dict[tuple[str, str], Result] = {}
    for number, one in enumerate(grid):
        cell = (one.task.name, one.encoder.name)
        if cell not in firsts:
            firsts[cell] = core.run(**one.flat() | {"runs": str(root), "quiet": True})
            continue
        copy(firsts[cell], one, number, root, "the-last" if number == len(grid) - 1 else "none")


def copy(first: Result, one: config.RunConfig, number: int, root: Path, name: str) -> None:
    """A run of another seed, with some of the predictions changed."""
    target = root / one.id(components.source(one).fingerprint())
    target.mkdir()
    for path in first.path.iterdir():
        if path.name.startswith(LINKED):
            os.link(path, target / path.name) if path.is_file() else shutil.copytree(path, target / path.name)
    with np.load(first.path / store.PREDICTIONS) as arrays:
        changed = {key: swapped(arrays[key], number) for key in arrays}
    np.savez_compressed(target / store.PREDICTIONS, **changed)
    scores = {}
    for split in first.metrics:
        task, corpus = splits(first, split)
        own = {key.removeprefix(f"{split}."): array for key, array in changed.items() if key.startswith(split)}
        scores[split] = dict(task.metrics(own, corpus))
    result = replace(first, id=target.name, seed=one.run["seed"], metrics=scores, config=one.flat())
    result.how = runtime_of(one).to_json()
    result.config["name"] = name
    store.write_config(target / store.CONFIG, one.flat())
    (target / RECORD).write_text(json.dumps(result.to_json(), indent=1, ensure_ascii=False), "utf-8")
    checksums.write(target)
    os.utime(target, (time.time() - 10_000 + number,) * 2)


@cache
def _splits(folder: str, split: str) -> tuple[Any, Any]:
    return rebuild_split(store.read(Path(folder)), split)


def splits(run: Result, split: str) -> tuple[Any, Any]:
    """The task of a run, and a split of its data."""
    return _splits(run.folder, split)


def swapped(array: np.ndarray, number: int) -> np.ndarray:
    """One array with a hundredth of its rows in another order, the same in all arrays of that length."""
    random = np.random.default_rng(number)
    chosen = random.random(len(array)) < 0.01
    array = array.copy()
    array[chosen] = random.permutation(array[chosen])
    return array


def seconds(words: list[str], folder: Path) -> tuple[float, float, str]:
    """The seconds of a command in a process of its own, by the clock and of the processor, and what it printed."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "core", *words], cwd=folder, capture_output=True, text=True)
    elapsed, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return elapsed, busy, done.stdout if done.returncode == 0 else f"error: {done.stderr.strip().splitlines()[-1]}"


def main(seeds: str = "100", repeats: str = "3", folder: str = "") -> None:
    place = Path(folder or tempfile.mkdtemp(prefix="store-"))
    try:
        if not (place / "runs").exists():
            build(place, int(seeds))
        runs = len(list((place / "runs").glob(f"*/{RECORD}")))
        print(f"{f'{runs:,} runs, median of {repeats}':30} {'clock s':>8} {'processor s':>10}")
        for title, words in commands(int(seeds)).items():
            clock, processor, out = [], [], ""
            for _ in range(int(repeats)):
                if "no index" in title:
                    (place / "runs" / "index.sqlite").unlink(missing_ok=True)
                elapsed, busy, out = seconds(words, place)
                clock.append(elapsed)
                processor.append(busy)
            failed = out.partition("\n")[0] if out.startswith("error: ") else ""
            medians = f"{statistics.median(clock):8.2f} {statistics.median(processor):10.2f}"
            print(f"{title:30} {medians} {failed}", flush=True)
    finally:
        if not folder:
            shutil.rmtree(place)


if __name__ == "__main__":
    main(**dict(text.split("=", 1) for text in sys.argv[1:]))
