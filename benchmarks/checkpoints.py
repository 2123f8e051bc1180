"""What checkpoints cost: ``python benchmarks/checkpoints.py``, or with the folder of PTB.

Trains the defaults on ``toy``, with a checkpoint every five minutes and every 10 seconds, and prints how many were
saved, their size, and the share of the time of training that saving took, within the run: other load changes both
times alike. On PTB it is the preset ``ptb-lstm``, which ends after four checkpoints, five seconds apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from core import config
from core.experiment.runner import run_one
from core.runs import checkpoint_file
from core.runs.checkpoints import StoredPart

TOY = {"task": "pos", "encoder": "bilstm", "data": "toy"}
PTB = {"preset": "ptb-lstm", "precision": "fp32", "threads": 1}


class Enough(BaseException):
    """Ends a run."""


def measure(words: dict[str, Any], minutes: float, most: int | None = None) -> tuple[list[float], int, float]:
    """The seconds of each checkpoint of a run, the bytes of the largest one, and the seconds of training.

    Args:
        words: the run.
        minutes: between two checkpoints.
        most: the checkpoints after which the run ends; None: it is trained to its end.
    """
    seconds, sizes = list[float](), list[int]()
    save, write = StoredPart.save, checkpoint_file.write

    def timed(*arguments: Any) -> None:
        start = time.perf_counter()
        save(*arguments)
        seconds.append(time.perf_counter() - start)
        if len(seconds) == most:
            raise Enough

    def sized(folder: Path, *arguments: Any) -> None:
        write(folder, *arguments)
        sizes.append(sum(path.stat().st_size for path in folder.iterdir()))

    StoredPart.save, checkpoint_file.write = timed, sized  # type: ignore[method-assign, assignment] # counted
    trained, start = 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory() as runs:
        how = {"runs": runs, "quiet": True, "train.checkpoint_minutes": minutes}
        try:
            trained = run_one(config.expand(words | how)[0]).cost["train_seconds"]
        except Enough:
            trained = time.perf_counter() - start
        finally:
            StoredPart.save, checkpoint_file.write = save, write  # type: ignore[method-assign] # as before
    return seconds, max(sizes, default=0), trained


def main() -> None:
    on_ptb = len(sys.argv) > 1
    words = PTB | {"data": sys.argv[1]} if on_ptb else TOY
    print("checkpoint_minutes   saved     MB   s each   training s   share")
    for minutes in (1 / 12,) if on_ptb else (5.0, 1 / 6):
        seconds, size, trained = measure(words, minutes, most=4 if on_ptb else None)
        each, share = sum(seconds) / max(1, len(seconds)), sum(seconds) / trained
        print(
            f"{minutes:18.2f} {len(seconds):7} {size / 1e6:6.1f} {each:8.3f} {trained:12.1f} {share:7.2%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
