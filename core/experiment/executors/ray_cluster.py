"""Workers on a Ray cluster: each is an actor that has a process of its own, as a worker on one machine is."""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from core.config import RunConfig
from core.errors import ConfigError
from core.experiment.executors.base import Executor, Job, Report, Worker
from core.experiment.executors.local import LocalWorker
from core.experiment.executors.machine import cores, most_threads
from core.signals import ENDING, delayed

QUIET = {  # variables that Ray reads when it is imported
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # of the messages that it would print on standard output
}
ANSWER = 5.0  # seconds in which a cluster accepts a connection; Ray itself would try for minutes
UNDERWAY = ("event", "text")  # the reports after which others follow
POLL = 5.0  # seconds that an actor waits for a report
STORE_BYTES = 100_000_000  # of Ray's store of objects: nothing large passes through it
THREADS = 3  # of an actor: one for each of its methods


class Supervisor:
    """The actor: it has one worker process at a time, and collects what that reports."""

    def __init__(self) -> None:
        self.worker: LocalWorker | None = None
        self.reports = queue.SimpleQueue[Report]()

    def start(self, job: Job) -> None:
        """Start a config."""
        if self.worker is None:
            self.worker = LocalWorker(dict(os.environ))
        self.worker.start(job)
        threading.Thread(target=self._collect, args=(self.worker,), daemon=True).start()

    def _collect(self, worker: LocalWorker) -> None:
        """Collect the reports of one config."""
        while (report := worker.receive()) is not None and report.kind in UNDERWAY:
            self.reports.put(report)
        report = report or Report("lost", {"ending": worker.ending()})
        if report.kind in ("stopped", "lost"):
            self.worker = None
            worker.kill()
        self.reports.put(report)

    def take(self) -> list[Report]:
        """The reports since the last call; none after some seconds without one."""
        found: list[Report] = []
        with suppress(queue.Empty):
            found.append(self.reports.get(timeout=POLL))
            while True:
                found.append(self.reports.get_nowait())
        return found

    def stop(self) -> None:
        """End the run as Ctrl-C does."""
        if self.worker is not None:
            self.worker.stop()


class RayWorker(Worker):
    """An actor of the cluster.

    Args:
        actor: its handle.
    """

    def __init__(self, actor: Any) -> None:
        self.actor, self.reports = actor, deque[Report | None]()
        self.coming: Any = None  # the answer to the last question for reports
        self.reason = "has ended, with its machine or by the cluster"

    def start(self, job: Job) -> None:
        """See ``Worker``."""
        self.actor.start.remote(job)
        self.coming = self.actor.take.remote()

    def collect(self) -> None:
        """Take the reports that have come."""
        import ray

        try:
            found = ray.get(self.coming)
            if not found or found[-1].kind in UNDERWAY:
                self.coming = self.actor.take.remote()
        except ray.exceptions.RayError as error:  # the actor or its machine has ended
            if isinstance(cause := getattr(error, "cause", None), ImportError):
                self.reason = f"cannot be started, since a machine lacks this program ({cause})"
            found = [None]
        for report in found:
            if report is not None and report.kind == "lost":
                self.reason, report = report.values["ending"], None
            self.reports.append(report)

    def receive(self) -> Report | None:
        """See ``Worker``."""
        return self.reports.popleft()

    def stop(self) -> None:
        """See ``Worker``."""
        self.actor.stop.remote()

    def release(self) -> None:
        """See ``Worker``."""

    def kill(self) -> None:
        """See ``Worker``; its process ends with it."""
        import ray

        ray.kill(self.actor)

    def ending(self) -> str:
        """See ``Worker``."""
        return self.reason


class RayExecutor(Executor):
    """Runs several configs at a time on a Ray cluster, which is started on this machine unless it exists.

    Args:
        configs: the grid.
        address: of an existing cluster; None: one is started, and ended with this executor.
        jobs: the most runs at a time; None: as many as the cluster has room for.

    Raises:
        ConfigError: Ray is not installed, there is no such cluster, or it has no room.
    """

    def __init__(self, configs: Sequence[RunConfig], address: str | None, jobs: int | None) -> None:
        self.each = most_threads(configs)
        self.cluster = _connect(address, self.each * jobs if jobs else cores())
        try:
            self.gpus, room = _room(self.each, any(config.traits.on_devices for config in configs))
            if room == 0:
                what = f"the cluster has no machine with {self.each} free CPUs"
                raise ConfigError(what, where="engine", remedy="lower threads=, or wait until it has")
        except BaseException:
            self.cluster.shutdown()
            raise
        super().__init__(min(jobs or room, room))

    def new_worker(self) -> Worker:
        """See ``Executor``."""
        environment = {name: value for name, value in os.environ.items() if name.startswith("SEQLAB_")}
        options = {"num_cpus": self.each, "num_gpus": int(self.gpus), "max_concurrency": THREADS}
        actor = self.cluster.remote(Supervisor).options(**options, runtime_env={"env_vars": environment})
        worker = RayWorker(actor.remote())
        self.workers.append(worker)
        return worker

    def wait(self, workers: Sequence[Worker], seconds: float | None = None) -> list[Worker]:
        """See ``Executor``."""
        own = [worker for worker in workers if isinstance(worker, RayWorker)]
        if not any(worker.reports for worker in own):
            ready, _ = self.cluster.wait([worker.coming for worker in own], timeout=seconds)
            with delayed():
                for worker in own:
                    if worker.coming in ready:
                        worker.collect()
        return [worker for worker in own if worker.reports]

    def threads(self, usual: int) -> int:
        """One, on all machines, since results depend on the number."""
        return 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.cluster.shutdown()


def _connect(address: str | None, cpus: int) -> Any:
    """Ray, connected to a cluster; signals stay with the handlers that they had.

    Args:
        address: of the cluster; None starts one.
        cpus: how many it has then.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        remedy = "install the extra: pip install -e '.[ray]' in the checkout, or use engine=local"
        raise ConfigError("Ray is not installed", where="engine", remedy=remedy) from error
    if address is not None:
        _check_address(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.FATAL}
    options |= {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    if address is not None:
        options = {"address": address, **dict(list(options.items())[:2])}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
    try:
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        if address is not None:
            raise _no_answer(address) from error
        what = f"Ray does not start ({str(error).partition(chr(10))[0]})"
        raise ConfigError(what, where="engine", remedy="use engine=local") from error
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return ray


def _check_address(address: str) -> None:
    """Refuse HOST:PORT where nothing listens."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon and port.isdecimal():
        try:
            socket.create_connection((host, int(port)), timeout=ANSWER).close()
        except (OSError, OverflowError) as error:
            raise _no_answer(address) from error


def _no_answer(address: str) -> ConfigError:
    remedy = "check the address (`ray status` shows a cluster)"
    return ConfigError("no cluster answers", where=f"engine.address={address}", remedy=remedy)


def _room(threads: int, on_devices: bool) -> tuple[bool, int]:
    """Whether each run gets a GPU, and how many runs the cluster has room for.

    Args:
        threads: of each run.
        on_devices: whether a run may use a GPU.
    """
    import ray

    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = sum(int(machine.get("GPU", 0)) for machine in machines)
    if on_devices and gpus:
        return True, gpus
    return False, sum(int(machine.get("CPU", 0) // threads) for machine in machines)
