"""The course of training, on any device: tasks one after the other, and what an interruption leaves."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from core.data.atomic import interrupt_later
from plugins.embeddings.word2vec.checkpoint import Checkpoint
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.schedule import Task
from plugins.embeddings.word2vec.tables import Tables

WAITING = 4  # tasks a thread that wait in line
KEEP = 60.0  # seconds of training that a crash may lose, beyond the epoch that is going on
KEPT = "note: word2vec: interrupted; what is trained is kept, and the same command goes on from there"
TaskResult = tuple[float, int, int]  # loss, predictions, tokens


class TaskQueue:
    """Tasks in line for some threads, whose results come in the same order; one thread does each at once.

    Args:
        work: does a task.
        threads: how many work at once.
    """

    def __init__(self, work: Callable[[Task], TaskResult], threads: int) -> None:
        self.work, self.most = work, WAITING * threads
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.waiting: deque[Future[TaskResult]] = deque()

    def put(self, task: Task) -> list[TaskResult]:
        """One more; returns what is done of those before."""
        if self.pool is None:
            return [self.work(task)]
        self.waiting.append(self.pool.submit(self.work, task))
        return self._take(len(self.waiting) - self.most)

    def rest(self) -> list[TaskResult]:
        """Wait for all in line."""
        return self._take(len(self.waiting))

    def stop(self) -> list[TaskResult]:
        """Wait for those that have begun, and drop the others, which are the last."""
        while self.waiting and self.waiting[-1].cancel():
            self.waiting.pop()
        return self.rest()

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def _take(self, count: int) -> list[TaskResult]:
        return [self.waiting.popleft().result() for _ in range(count)]


class TrainingLoop:
    """Does tasks, and keeps what is trained where it is interrupted.

    Args:
        tables: what is trained.
        report: how far it is.
        state: where it is kept; None: nowhere.
        fetch: brings the tables up to date, where training has others.
    """

    def __init__(
        self, tables: Tables, report: Report, state: Checkpoint | None, fetch: Callable[[], None] = lambda: None
    ) -> None:
        self.tables, self.report, self.state, self.fetch = tables, report, state, fetch
        self.whole, self.kept = True, time.monotonic()

    def follow(self, tasks: Iterable[Task], line: TaskQueue) -> Trained:
        """Do all tasks.

        Raises:
            DataError: no two words stand in one row.
            TrainingError: the vectors are not finite any more.
        """
        try:
            for task in tasks:
                with self._step():
                    self._add(line.put(task))
            with self._step():
                self._add(line.rest())
        except KeyboardInterrupt:
            with interrupt_later():
                self._add(line.stop())
                if self.whole and self._keep():
                    print(KEPT, file=sys.stderr)  # where notes are not shown too
            raise
        finally:
            line.close()
        self.fetch()
        tables, report = self.tables, self.report
        return Trained(tables.vectors, tables.outputs_of_words, tables.basis, report.losses, report.rate)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """A step that Ctrl-C waits for; a second one does not, and then tables and report differ."""
        self.whole = False
        with interrupt_later():
            yield
            self.whole = True

    def _add(self, results: Iterable[TaskResult]) -> None:
        """Report what is done, and end an epoch where its last task is."""
        for done in results:
            self.report.add(*done)
            if self.report.turned:
                self.fetch()
                self.report.close(self.tables.inputs)
                if time.monotonic() - self.kept > KEEP and len(self.report.losses) < self.report.epochs:
                    self._keep()

    def _keep(self) -> bool:
        """Keep where training stands, and return whether it is kept."""
        if self.state is None:
            return False
        self.fetch()
        try:
            self.state.keep(self.tables, self.report.place)
        except OSError as error:
            self.report.notify("note", text=f"word2vec: what is trained so far could not be kept ({error})")
            return False
        self.kept = time.monotonic()
        return True
