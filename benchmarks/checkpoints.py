"""What checkpoints cost: ``python benchmarks/checkpoints.py``, or with the folder of PTB.

Trains with the default and with a checkpoint every 10 seconds; prints how many were saved, their size, and the
share of the time of training that saving took, within the run: other load changes both times alike.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import core
from core.runs import checkpoint_file
from core.runs.checkpoints import StoredPart

TOY = {"task": "pos", "encoder": "bilstm", "data": "toy"}
PTB = {"preset": "ptb-lstm", "train.epochs": 2, "data.limit": 8000, "precision": "fp32", "threads": 1}
EVERY = {"5 (default)": 5.0, "10 seconds": 1 / 6}


def measure(words: dict[str, Any], minutes: float) -> tuple[int, float, float, float]:
    """The checkpoints of a run, the bytes of one, the seconds of saving, and those of training."""
    seconds, sizes = [], []
    save, write = StoredPart.save, checkpoint_file.write

    def timed(*arguments: Any) -> None:
        start = time.perf_counter()
        save(*arguments)
        seconds.append(time.perf_counter() - start)

    def sized(folder: Path, *arguments: Any) -> None:
        write(folder, *arguments)
        sizes.append(sum(path.stat().st_size for path in folder.iterdir()))

    StoredPart.save, checkpoint_file.write = timed, sized  # type: ignore[method-assign, assignment] # counted
    try:
        with tempfile.TemporaryDirectory() as runs, redirect_stdout(StringIO()):
            result = core.run(**words, runs=runs, quiet=True, **{"train.checkpoint_minutes": minutes})
    finally:
        StoredPart.save, checkpoint_file.write = save, write  # type: ignore[method-assign] # as before
    return len(sizes), max(sizes, default=0), sum(seconds), result.cost["train_seconds"]


def main() -> None:
    words = PTB | {"data": sys.argv[1]} if len(sys.argv) > 1 else TOY
    print("checkpoint_minutes   saved     MB   s each   training s   share")
    for name, minutes in EVERY.items():
        count, size, spent, total = measure(words, minutes)
        each = spent / max(1, count)
        print(f"{name:18} {count:7} {size / 1e6:6.1f} {each:8.3f} {total:12.1f} {spent / total:7.2%}", flush=True)


if __name__ == "__main__":
    main()
