"""The interface of an executor: workers that run one config at a time, and what they report."""

from __future__ import annotations

import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple, Self

from core import errors
from core.config import RunConfig
from core.errors import SeqlabError


class Report(NamedTuple):
    """What a worker says.

    Args:
        kind: ``event`` (``event``, ``facts``: of an observer), ``text`` (``text``, ``error``: a printed line),
            ``done`` (``result``), ``failed`` (``error``: see ``error_data``) or ``stopped`` (``result`` or None:
            a signal has ended the run).
        values: what belongs to it, by name.
    """

    kind: str
    values: Mapping[str, Any]


class Job(NamedTuple):
    """One config on its way to a worker.

    Args:
        plugins: the values of ``plugin=``, which are loaded before the config is read.
        config: a pickled ``RunConfig``.
        folder: the working folder.
        left_out: the names of plugins that are not loaded.
        code: the version of this program's code.
    """

    plugins: tuple[str, ...]
    config: bytes
    folder: str
    left_out: tuple[str, ...]
    code: str


class Worker(ABC):
    """Runs one config at a time, in another process.

    Attributes:
        number: of the config at hand; None: it has none.
    """

    number: int | None = None

    @abstractmethod
    def start(self, job: Job) -> None:
        """Start a config."""

    @abstractmethod
    def receive(self) -> Report | None:
        """The next report, once ``Executor.wait`` has returned the worker; None: the process has ended."""

    @abstractmethod
    def stop(self) -> None:
        """End the run as Ctrl-C does: with a checkpoint."""

    @abstractmethod
    def release(self) -> None:
        """Let a process that has nothing to do end."""

    @abstractmethod
    def kill(self) -> None:
        """End the process now; wait until it has ended."""

    @abstractmethod
    def ending(self) -> str:
        """How the process has ended: ``was killed by SIGKILL``."""


class Executor(ABC):
    """Starts workers, and waits for what they report. As a context manager it ends them.

    Args:
        jobs: the largest number of workers at a time.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.workers: list[Worker] = []

    @abstractmethod
    def new_worker(self) -> Worker:
        """A new worker."""

    @abstractmethod
    def wait(self, workers: Sequence[Worker], seconds: float | None = None) -> list[Worker]:
        """Those of the workers that have something to report, once there is one or the time is over."""

    @abstractmethod
    def threads(self, usual: int) -> int:
        """The number of threads of a run with ``threads=auto``; ``usual`` is that of a run on its own."""

    def settled(self, configs: Sequence[RunConfig]) -> list[RunConfig]:
        """The configs with ``threads=auto`` as the number that each run gets."""
        usual = [config.kind.default_threads() if config.run["threads"] == "auto" else 1 for config in configs]
        return [
            replace(c, run=c.run | {"threads": self.threads(number)}) if number > 1 else c
            for c, number in zip(configs, usual, strict=True)
        ]

    def end_worker(self, worker: Worker) -> None:
        """End a worker, now."""
        self.workers.remove(worker)
        worker.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.release()
        for worker in list(self.workers):
            self.end_worker(worker)


def error_data(error: SeqlabError) -> dict[str, Any]:
    """An error as plain data, with its traceback as text; ``error_from`` reads it back."""
    own = next(cls.__name__ for cls in type(error).__mro__ if vars(errors).get(cls.__name__) is cls)
    values = {name: value for name, value in error.values.items() if isinstance(value, (str, int, float, tuple))}
    data = {"what": error.what, "where": error.where, "remedy": error.remedy, "code": error.code}
    trace = "".join(traceback.format_exception(error))
    return {"class": own, "trace": trace, "arguments": {**data, "values": values}}


def error_from(data: Mapping[str, Any]) -> SeqlabError:
    """The opposite of ``error_data``; the traceback is a note on the error, which --debug shows."""
    error: SeqlabError = getattr(errors, data["class"])(data["arguments"].pop("what"), **data["arguments"])
    error.add_note(data["trace"])
    return error
