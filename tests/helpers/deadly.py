"""A plugin: an observer that kills a process once, in the middle of a training; the next process goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, Literal

import psutil

from core import hookimpl
from core.experiment.observers import Observer


class Deadly(Observer):
    """Kills when an epoch is over, unless the mark is there.

    Args:
        mark: a file that is created first.
        epoch: the number of the epoch.
        whom: the process of the run, or the one that has started it.
    """

    def __init__(self, *, mark: str, epoch: int = 2, whom: Literal["worker", "starter"] = "worker") -> None:
        self.mark, self.at, self.whom = Path(mark), epoch, whom

    def epoch(self, **facts: Any) -> None:
        if facts["epoch"] != self.at or self.mark.exists():
            return
        self.mark.write_text(str(os.getpid()))
        own = psutil.Process()
        killed = own if self.whom == "worker" else own.parents()[1]  # beyond the server that has forked this one
        killed.send_signal(signal.SIGKILL)


@hookimpl
def register_observers(register: Any) -> None:
    register("deadly", Deadly, help="")
