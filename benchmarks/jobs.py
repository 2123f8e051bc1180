"""How much sooner two jobs finish a grid than one: ``python benchmarks/jobs.py``, or ``--grid readme``.

Runs ``bench`` as a command of its own, alternately with ``jobs=1`` and ``jobs=2``, with ``threads=1`` and empty
folders of runs and of the cache, and prints the seconds and the ratio of the medians. On two idle cores the bound
for the README's grid is 0.6. Scores must have the same bits.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

BOUND = 0.6
ENCODERS = "linear,crf,ngram,window,bag,rnn,lstm,gru,birnn,bilstm,bigru,cnn"
GRIDS = {
    "short": ["task=pos,sentiment", "encoder=window,rnn,bigru,cnn", "seed=1", "train.epochs=1"],
    "readme": ["task=pos,sentiment,lm", f"encoder={ENCODERS}", "seed=1,2,3"],
}


def measure(grid: list[str], jobs: int) -> tuple[float, dict[str, object]]:
    """The seconds of one command, and the scores of each run by its id."""
    with tempfile.TemporaryDirectory() as runs, tempfile.TemporaryDirectory() as cache:
        how = ["threads=1", "quiet=true", "format=csv", f"runs={runs}", f"jobs={jobs}"]
        start = time.perf_counter()
        command = [sys.executable, "-m", "core", "bench", *grid, *how]
        environment = os.environ | {"SEQLAB_CACHE": cache}
        subprocess.run(command, check=True, env=environment, capture_output=True)
        seconds = time.perf_counter() - start
        records = [json.loads(path.read_text()) for path in Path(runs).glob("*/run.json")]
    return seconds, {record["id"]: record["metrics"] for record in records}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--grid", choices=GRIDS, default="short")
    parser.add_argument("--times", type=int, default=1, help="how often each is measured")
    options = parser.parse_args()
    grid, seconds = GRIDS[options.grid], dict[int, list[float]]()
    scores: dict[int, dict[str, object]] = {}
    for _ in range(options.times):
        for jobs in (1, 2):
            spent, scores[jobs] = measure(grid, jobs)
            seconds.setdefault(jobs, []).append(spent)
            print(f"jobs={jobs}: {spent:.1f} s, {len(scores[jobs])} runs", flush=True)
    assert scores[1] == scores[2], "the scores differ"
    ratio = median(seconds[2]) / median(seconds[1])
    print(f"{options.grid}: jobs=2 takes {ratio:.2f} of the time of jobs=1 (bound for the README's grid {BOUND})")


if __name__ == "__main__":
    main()
