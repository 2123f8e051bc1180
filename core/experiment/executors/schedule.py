"""The runs of a grid on several workers: each gets the next one; one whose process is lost is tried again."""

from __future__ import annotations

import pickle
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.config import RunConfig
from core.errors import MEMORY, ConfigError, SeqlabError, UnexpectedError
from core.experiment.environment import code_version
from core.experiment.executors.base import Executor, Job, Report, Worker, error_from
from core.experiment.observers import ObserverGroup
from core.experiment.outcome import Failure, Outcome, known_error
from core.printable import echo
from core.registry import registry
from core.runs.result import Result
from core.signals import delayed

TRIES = 2  # for a run whose process is lost
PATIENCE = 60.0  # seconds in which the workers stop; a checkpoint takes less, a score may take longer
LOST = "worker.lost"  # the code of the error of a run whose process is lost each time
REMEDY = "if memory ran out, lower jobs=, train.batch_size or the encoder's sizes"


class Schedule:
    """The runs of a grid, from the first to the last.

    Args:
        executor: what has the workers.
        configs: the runs.
        outcome: receives what comes of them.
        viewers: who observes the grid.
    """

    def __init__(
        self, executor: Executor, configs: Sequence[RunConfig], outcome: Outcome, viewers: ObserverGroup
    ) -> None:
        self.executor, self.configs, self.outcome, self.viewers = executor, configs, outcome, viewers
        self.pending = list(range(len(configs)))
        self.ids: dict[int, str] = {}  # of the runs that have been looked up
        self.losses = Counter[int]()
        self.results: dict[int, Result] = {}
        self.failures: dict[int, SeqlabError] = {}
        self.is_stopping = False

    @property
    def busy(self) -> list[Worker]:
        """The workers that run something."""
        return [worker for worker in self.executor.workers if worker.number is not None]

    def run(self) -> None:
        """Run all of them; Ctrl-C and signals stop the workers, which save checkpoints."""
        try:
            while self.pending or self.busy:
                while len(self.busy) < self.executor.jobs and (number := self._next()) is not None:
                    with delayed():
                        self._begin(number)
                self._wait()
        except KeyboardInterrupt:
            self._interrupt()
        finally:
            for worker in self.busy:  # after an error of this process
                worker.number = None
                self.executor.end_worker(worker)
            self.outcome.results += [self.results[number] for number in sorted(self.results)]
            failed = sorted(self.failures.items())
            self.outcome.failures += [Failure(self.configs[number], error) for number, error in failed]

    def _wait(self, seconds: float | None = None) -> None:
        """Handle what is reported next, whole: no signal comes between."""
        busy = self.busy
        for worker in self.executor.wait(busy, seconds) if busy else ():
            with delayed():
                self._handle(worker, worker.receive())

    def _begin(self, number: int) -> None:
        """Give a run to a free worker, or to a new one."""
        self.pending.remove(number)
        self.viewers.notify("begin", number=number)
        try:
            job = self._job(self.configs[number])
            free = [worker for worker in self.executor.workers if worker.number is None]
            worker = free[0] if free else self.executor.new_worker()
            worker.start(job)
            worker.number = number
        except Exception as raised:
            self._fail(number, known_error(self.configs[number], raised))

    def _next(self) -> int | None:
        """The next run that is not saved, and that no worker runs already: those of equal ids take turns."""
        running = {self.ids[worker.number] for worker in self.busy if worker.number is not None}
        for number in list(self.pending):
            if number not in self.ids and not self._look_up(number):
                self.pending.remove(number)
            elif self.ids[number] not in running:
                return number
        return None

    def _look_up(self, number: int) -> bool:
        """Whether a run has to be run; its saved record is taken otherwise."""
        from core.experiment.runner import look_up

        config = self.configs[number]
        try:
            self.ids[number], saved = look_up(config)
        except Exception as raised:
            self.viewers.notify("begin", number=number)
            self._fail(number, known_error(config, raised))
            return False
        if saved is not None:
            self.viewers.notify("begin", number=number)
            self._finish(number, saved)
        return saved is None

    def _job(self, config: RunConfig) -> Job:
        """A config as bytes; ConfigError where it has parts that other processes cannot load."""
        plugins = tuple(str(Path(name).expanduser().resolve()) if "/" in name else name for name in config.plugins)
        try:
            content = pickle.dumps(config)
        except Exception as error:  # pickle raises several kinds
            what = "it has a part that was defined in this process and that others cannot load"
            remedy = "put the class into a file and name it with plugin=, give data as a path, or set jobs=1"
            raise ConfigError(what, where="jobs", remedy=remedy) from error
        return Job(plugins, content, str(Path.cwd()), tuple(registry().left_out), code_version())

    def _handle(self, worker: Worker, report: Report | None) -> None:
        """Do what follows from a report; None: the process has ended."""
        number = worker.number
        assert number is not None
        if report is None or report.kind == "stopped":
            self._stopped(worker, number, report)
        elif report.kind == "event":
            self.viewers.notify(report.values["event"], **{**report.values["facts"], "number": number})
        elif report.kind == "text":
            echo(report.values["text"], error=report.values["error"])
        else:
            worker.number = None
            if report.kind == "done":
                self._finish(number, report.values["result"])
                return
            error = error_from(report.values["error"])
            self._fail(number, error)
            if error.code == MEMORY:  # what it has allocated is given back
                self.executor.end_worker(worker)

    def _stopped(self, worker: Worker, number: int, report: Report | None) -> None:
        """The process of a run has ended, or was asked to; it is tried again unless the grid stops."""
        result, worker.number = report.values["result"] if report else None, None
        ending = "was stopped by a signal" if report else worker.ending()
        self.executor.end_worker(worker)
        if self.is_stopping:
            if result is not None:
                self.results[number] = result
                self.viewers.notify("done", number=number, result=result)
            return
        self.losses[number] += 1
        if self.losses[number] < TRIES:
            self.pending.insert(0, number)
            echo(f"note: the process of {_name(self.configs[number])} {ending}; it is started again", error=True)
            return
        what = f"the process of this run {ending}, {TRIES} times"
        self._fail(number, UnexpectedError(what, remedy=REMEDY, code=LOST))

    def _finish(self, number: int, result: Result) -> None:
        self.results[number] = result
        self.viewers.notify("done", number=number, result=result)

    def _fail(self, number: int, error: SeqlabError) -> None:
        self.failures[number] = error
        self.viewers.notify("failed", number=number, error=error)

    def _interrupt(self) -> None:
        """Stop the workers and wait until they have; a second signal ends them at once."""
        self.is_stopping, running = True, sorted(worker.number or 0 for worker in self.busy)
        running = running or self.pending[:1] or [len(self.configs) - 1]
        self.outcome.interrupted, *self.outcome.others = running
        with suppress(KeyboardInterrupt):
            for worker in self.busy:
                worker.stop()
            end = time.monotonic() + PATIENCE
            while self.busy and (left := end - time.monotonic()) > 0:
                self._wait(left)


def _name(config: RunConfig) -> str:
    from core.experiment.runner import title

    return f"{title(config)}, seed {config.run['seed']}"
