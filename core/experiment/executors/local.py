"""Workers on this machine: processes, forked from one that has loaded the libraries where that is safe."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any

from core.errors import UnexpectedError
from core.experiment.executors import worker as process
from core.experiment.executors.base import Executor, Job, Report, Worker

FORKS = sys.platform == "linux"  # elsewhere a forked process may not use the system's libraries
# None of these starts a thread, which a fork would lose, as pyarrow does; nor do they load what notices forks,
# core.neural.torch_settings, since these forks may use threads.
LIBRARIES = ["torch", "numba", "safetensors.torch", "click", "rich.live"]
CONTEXT: Any = multiprocessing.get_context("forkserver" if FORKS else "spawn")  # their types differ
RELEASED, NOTICED, SECONDS = 2.0, 0.5, 10.0  # in which a process ends that is free, asked to, and killed


def start_server() -> None:
    """Start the process from which workers are forked; it loads the libraries meanwhile."""
    if FORKS:
        from multiprocessing import forkserver

        multiprocessing.set_forkserver_preload(LIBRARIES)
        forkserver.ensure_running()


@contextmanager
def _without_main() -> Iterator[None]:
    """Within this, a new process does not import the main module again, which may be a script that trains."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class LocalWorker(Worker):
    """A process of this machine.

    Args:
        environment: its variables.
        gpu: the number of the GPU that it has for itself; empty: it sees what this process sees.
    """

    def __init__(self, environment: dict[str, str], gpu: str = "") -> None:
        start_server()
        self.gpu = gpu
        self.is_released = False
        self.connection, theirs = CONTEXT.Pipe()
        control, self.control = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=process.serve, args=(theirs, control, environment))
        with _without_main():
            self.process.start()
        theirs.close()
        control.close()

    def start(self, job: Job) -> None:
        """Send a config; a process that has ended is noticed by ``receive``."""
        with suppress(OSError):
            self.connection.send(job)

    def receive(self) -> Report | None:
        """See ``Worker``."""
        try:
            report: Report = self.connection.recv()
            return report
        except (EOFError, OSError):
            return None

    def stop(self) -> None:
        """See ``Worker``."""
        with suppress(OSError):  # it has ended
            self.control.send(process.STOP)

    def release(self) -> None:
        """See ``Worker``."""
        self.is_released = True
        self.connection.close()

    def kill(self) -> None:
        """See ``Worker``; a process that computes outside Python does not notice that a connection is closed."""
        if self.is_released:
            self.process.join(RELEASED)
        self.connection.close()
        self.control.close()
        self.process.join(NOTICED)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(SECONDS)

    def ending(self) -> str:
        """See ``Worker``."""
        self.process.join(SECONDS)
        status = self.process.exitcode
        if status is None or status >= 0:
            return f"ended with status {status}"
        return f"was killed by {signal.Signals(-status).name}"


class LocalExecutor(Executor):
    """Runs several configs at a time on this machine.

    Args:
        jobs: how many.
        gpus: the numbers of the GPUs that the workers share out, one for each; empty: they all see the same.
        most: the largest number of processes, where memory does not suffice for ``jobs``.
    """

    def __init__(self, jobs: int, gpus: Sequence[str] = (), most: int | None = None) -> None:
        super().__init__(min(jobs, most or jobs))
        self.shares, self.gpus = jobs, gpus
        start_server()

    def new_worker(self) -> Worker:
        """See ``Executor``."""
        gpu = self._free_gpu()
        environment = os.environ | ({"CUDA_VISIBLE_DEVICES": gpu} if gpu else {})
        try:
            worker = LocalWorker(environment, gpu)
        except OSError as error:
            what = f"a process cannot be started: {error.strerror or error}"
            raise UnexpectedError(what, where="jobs", remedy="lower jobs=") from error
        self.workers.append(worker)
        return worker

    def _free_gpu(self) -> str:
        """The GPU that the fewest workers have."""
        taken = [worker.gpu for worker in self.workers if isinstance(worker, LocalWorker)]
        return min(self.gpus, key=taken.count, default="")

    def wait(self, workers: Sequence[Worker], seconds: float | None = None) -> list[Worker]:
        """See ``Executor``."""
        of = {worker.connection: worker for worker in workers if isinstance(worker, LocalWorker)}
        return [of[ready] for ready in connection.wait(list(of), seconds) if isinstance(ready, Connection)]

    def threads(self, usual: int) -> int:
        """The cores of a run on its own, divided among all jobs, whether they run or not."""
        return max(1, usual // self.shares)
