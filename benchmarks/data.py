"""Time and memory from text to ids, without and with the cache: python benchmarks/data.py FOLDER [task]."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time

os.environ["SEQLAB_CACHE"] = tempfile.mkdtemp()

import pyarrow.compute  # noqa: E402, F401 - imported before the clock starts, as every run imports it once

from core import config
from core.data.options import DataOptions  # noqa: E402 - as above
from core.data.prepare import prepare  # noqa: E402 - as above
from core.runs import components  # noqa: E402 - the cache folder is set before

REPEATS = 5


def main(folder: str, task_name: str) -> None:
    run_config = config.expand([f"task={task_name}", "encoder=ngram", f"data={folder}"])[0]
    task = components.task(run_config)
    first, cached = [], []
    for _ in range(REPEATS):
        for times, fresh in ((first, True), (cached, False)):
            if fresh:
                os.environ["SEQLAB_CACHE"] = tempfile.mkdtemp()
            start = time.perf_counter()
            data = prepare(
                components.source(run_config),
                run_config.kind.token_spec(task),
                DataOptions(**run_config.data_options),
            )
            times.append(time.perf_counter() - start)
    tokens = sum(int(corpus.tokens.inner.sum()) for corpus in data.splits.values())
    print(f"{folder}: {tokens:,} tokens, {data.vocab.size:,} words")
    print(f"from text   {statistics.median(first):.3f} s (median of {REPEATS})")
    print(f"from cache  {statistics.median(cached):.3f} s")
    print(f"peak        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB of the whole process")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "lm")
