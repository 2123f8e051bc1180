"""Latency of a loaded model, one sentence per call: python benchmarks/serving.py [encoder=lstm] [threads=4] ...

Each model is trained on `toy` for one epoch (the latency does not depend on what it has learned), saved, loaded.
Each call is measured on its own, on a sentence of the test split, after WARM calls that are not. Batches are calls
with many sentences; threads share one loaded model.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

import core
import core.config

DEFAULTS = {
    "encoder": "bilstm,lstm,cnn,ngram",
    "task": "pos",
    "calls": "1000",
    "batch": "64",  # sentences per call of the last column but one
    "threads": "2",  # that call at the same time, in the last column
}
WARM = 50
HEADER = ("encoder", "p50 ms", "p99 ms", "sentences/s", "in batches of {batch}", "with {threads} threads")


def trained(task: str, encoder: str, folder: str) -> Any:
    """A saved model, loaded as a server loads it."""
    given = {"train.epochs": 1} if encoder != "ngram" else {"encoder.order": 3}
    run = core.run(task=task, encoder=encoder, data="toy", runs=folder, quiet=True, **given)
    return core.load(run.folder)


def seconds_per_call(predict: Callable[[str], Any], sentences: list[str]) -> np.ndarray:
    """The wall seconds of each call, in order."""
    seconds = []
    for sentence in sentences:
        start = time.perf_counter()
        predict(sentence)
        seconds.append(time.perf_counter() - start)
    return np.array(seconds[WARM:])


def per_second(count: int, call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return count / (time.perf_counter() - start)


def measure(model: Any, sentences: list[str], batch: int, threads: int) -> list[float]:
    """The numbers of one row: milliseconds, then sentences per second."""

    def one(sentence: str) -> Any:
        return model.predict([sentence])

    def in_threads() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, sentences))

    seconds = seconds_per_call(one, [*sentences[:WARM], *sentences])
    batches = [sentences[at : at + batch] for at in range(0, len(sentences), batch)]
    batched = per_second(len(sentences), lambda: [model.predict(rows) for rows in batches])
    p50, p99 = 1000 * np.percentile(seconds, (50, 99))
    return [p50, p99, len(seconds) / seconds.sum(), batched, per_second(len(sentences), in_threads)]


def main(arguments: list[str]) -> None:
    given = DEFAULTS | dict(argument.split("=", 1) for argument in arguments)
    calls, batch, threads = (int(given[key]) for key in ("calls", "batch", "threads"))
    sentences = _sentences(calls)
    print(f"| {' | '.join(HEADER)} |".format(**given))
    print("|---" + "|---:" * (len(HEADER) - 1) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for encoder in given["encoder"].split(","):
            p50, p99, *speeds = measure(trained(given["task"], encoder, folder), sentences, batch, threads)
            print(f"| `{encoder}` | {p50:.2f} | {p99:.2f} | {' | '.join(f'{speed:,.0f}' for speed in speeds)} |")


def _sentences(count: int) -> list[str]:
    """Sentences of the test split of `toy`, repeated where there are too few."""
    from core.runs import components

    source = components.source(core.config.expand(["task=pos", "encoder=ngram", "data=toy"])[0])
    rows = [" ".join(words) for each in source.batches("test") for words in each.column("tokens").to_pylist()]
    return [rows[i % len(rows)] for i in range(count)]


if __name__ == "__main__":
    main(sys.argv[1:])
