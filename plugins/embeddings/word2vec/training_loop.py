"""The training loop, on any device: one task after the other, with checkpoints for interruptions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from core.printable import echo
from core.signals import delayed
from plugins.embeddings.word2vec.checkpoint import Checkpoint
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.schedule import Task
from plugins.embeddings.word2vec.tables import Tables

WAITING = 4  # queued tasks per thread
SAVE_EVERY = 60.0  # seconds between two checkpoints, which are only saved at the end of an epoch
INTERRUPTED = "note: word2vec: training was interrupted and saved; the same command continues it"
TaskResult = tuple[float, int, int]  # loss, predictions, tokens


class TaskQueue:
    """A queue of tasks for several threads, with results in order; a single thread runs each task immediately.

    Args:
        work: runs a task.
        threads: the number of threads.
    """

    def __init__(self, work: Callable[[Task], TaskResult], threads: int) -> None:
        self.work, self.most = work, WAITING * threads
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.waiting: deque[Future[TaskResult]] = deque()

    def put(self, task: Task) -> list[TaskResult]:
        """Add a task; returns the results of earlier ones that are due."""
        if self.pool is None:
            return [self.work(task)]
        self.waiting.append(self.pool.submit(self.work, task))
        return self._take(len(self.waiting) - self.most)

    def rest(self) -> list[TaskResult]:
        """Wait for all tasks in the queue."""
        return self._take(len(self.waiting))

    def stop(self) -> list[TaskResult]:
        """Wait for the tasks that have started, and cancel the others."""
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
    """Runs tasks, and saves a checkpoint if it is interrupted.

    Args:
        tables: the tables that are trained.
        report: the progress.
        checkpoint: where progress is saved; None: nowhere.
        fetch: updates ``tables``, if training has its own copy.
    """

    def __init__(
        self,
        tables: Tables,
        report: Report,
        checkpoint: Checkpoint | None,
        fetch: Callable[[], None] = lambda: None,
    ) -> None:
        self.tables, self.report, self.checkpoint, self.fetch = tables, report, checkpoint, fetch
        self.consistent, self.saved = True, time.monotonic()

    def run(self, tasks: Iterable[Task], queue: TaskQueue) -> Trained:
        """Run all tasks.

        Raises:
            DataError: no row has two words.
            TrainingError: the vectors are not finite any more.
        """
        try:
            for task in tasks:
                with self._step():
                    self._add(queue.put(task))
            with self._step():
                self._add(queue.rest())
        except KeyboardInterrupt:
            with delayed():
                self._add(queue.stop())
                if self.consistent and self._save():
                    echo(INTERRUPTED, error=True)  # also where notes are not shown
            raise
        finally:
            queue.close()
        self.fetch()
        tables, report = self.tables, self.report
        return Trained(tables.vectors, tables.outputs_of_words, tables.basis, report.losses, report.rate)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """A step that a first Ctrl-C waits for; a second one does not, and leaves inconsistent tables."""
        self.consistent = False
        with delayed():
            yield
            self.consistent = True

    def _add(self, results: Iterable[TaskResult]) -> None:
        """Report results, and end the epoch after its last task."""
        for result in results:
            self.report.add(*result)
            if self.report.epoch_ended:
                self.fetch()
                self.report.close(self.tables.inputs)
                if time.monotonic() - self.saved > SAVE_EVERY and len(self.report.losses) < self.report.epochs:
                    self._save()

    def _save(self) -> bool:
        """Save a checkpoint; returns whether it was saved."""
        if self.checkpoint is None:
            return False
        self.fetch()
        try:
            self.checkpoint.save(self.tables, self.report.progress)
        except OSError as error:
            text = f"word2vec: the checkpoint could not be saved ({error})"
            self.report.notify("note", code="word2vec.not_saved", text=text)
            return False
        self.saved = time.monotonic()
        return True
