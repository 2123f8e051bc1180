"""Commands in processes of their own that a test may kill: they are forked, so that none imports torch again.

``python forked.py`` reads one list of arguments per line, and writes the number of the process, then its status.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 120.0  # seconds until something happens


class Forks:
    """Runs commands one after the other.

    Args:
        folder: the working folder of the commands; ``log`` receives what they print.
    """

    def __init__(self, folder: Path) -> None:
        root = str(Path(__file__).parents[2])
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": root}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.log = folder / "log"
        command = [sys.executable, __file__, str(self.log)]
        self.process = subprocess.Popen(command, cwd=folder, text=True, env=environment, **pipes)

    def run(
        self, *words: str, after: float | Callable[[], bool] | None = None, number: int = signal.SIGKILL
    ) -> int:
        """Run one command; returns its status.

        Args:
            words: the command.
            after: the seconds after which it receives a signal, or what becomes true then; None: it receives none.
            number: of the signal.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if after is not None:
            time.sleep(0.0 if callable(after) else after)
            end = time.monotonic() + LONGEST
            while callable(after) and not after() and time.monotonic() < end:
                time.sleep(0.01)
            os.kill(pid, number)  # a process that has ended waits for that of the server, so the number is its own
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def forks(folder: Path) -> Iterator[Forks]:
    """A server of forked commands."""
    server = Forks(folder)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def _serve(log: str) -> None:
    import torch  # noqa: F401 - before the processes are forked

    import core.experiment.runner
    import core.neural.language_model
    import core.neural.vector_model  # noqa: F401 - forks find it loaded
    from core.__main__ import main

    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(handle, 1), os.dup2(handle, 2)
            try:
                main(json.loads(line))
            except SystemExit as end:
                os._exit(int(end.code or 0))
            finally:
                os._exit(70)
        print(pid, flush=True)
        sys.stdin.readline()  # it is reaped once no signal can meet another process of this number
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
