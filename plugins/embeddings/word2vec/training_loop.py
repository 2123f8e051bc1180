"""The training loop, on any device: one task after the other, with checkpoints for interruptions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from core.errors import StoreError
from core.model.checkpoint import Part
from core.signals import delayed
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.schedule import Task
from plugins.embeddings.word2vec.tables import Tables
from plugins.embeddings.word2vec.text import KEY

WAITING = 4  # queued tasks per thread
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
    """Runs tasks, and saves the state of the training from time to time and when it is interrupted.

    Args:
        tables: the tables that are trained.
        report: the progress.
        checkpoint: where the state is saved.
        fetch: updates ``tables``, if training has its own copy.
    """

    def __init__(
        self, tables: Tables, report: Report, checkpoint: Part, fetch: Callable[[], None] = lambda: None
    ) -> None:
        self.tables, self.report, self.checkpoint, self.fetch = tables, report, checkpoint, fetch

    def run(self, tasks: Iterable[Task], queue: TaskQueue) -> Trained:
        """Run all tasks.

        Raises:
            DataError: no row has two words.
            TrainingError: the vectors are not finite any more.
        """
        try:
            for task in tasks:
                epochs = len(self.report.losses)
                with self.checkpoint.step():
                    self._add(queue.put(task))
                if self.checkpoint.due(epoch_ended=len(self.report.losses) > epochs):
                    with self.checkpoint.step():
                        self._add(queue.rest())  # no thread changes the tables while they are saved
                    self._save()
            with self.checkpoint.step():
                self._add(queue.rest())
        except KeyboardInterrupt:
            with delayed():
                self._add(queue.stop())
                self._save()
            raise
        finally:
            queue.close()
        self.fetch()
        tables, report = self.tables, self.report
        return Trained(tables.vectors, tables.outputs_of_words, tables.basis, report.losses, report.rate)

    def _add(self, results: Iterable[TaskResult]) -> None:
        """Report results, and end the epoch after its last task."""
        for result in results:
            self.report.add(*result)
            if self.report.epoch_ended:
                self.fetch()
                self.report.close(self.tables.inputs)

    def _save(self) -> None:
        """Save the tables and the progress."""
        self.fetch()
        arrays = {"inputs": self.tables.inputs, "outputs": self.tables.outputs}
        self.checkpoint.save(arrays | {"progress": self.report.progress}, self.report.place)


def restore(checkpoint: Part, tables: Tables, report: Report) -> None:
    """Fill the tables and the progress from a checkpoint, if there is one.

    Raises:
        StoreError: it is of tables of another size.
    """
    if (state := checkpoint.restore()) is None:
        return
    for name, table in (("inputs", tables.inputs), ("outputs", tables.outputs)):
        if state[name].shape != table.shape:
            what = f"the checkpoint has {name} of size {state[name].shape}, not {table.shape}"
            raise StoreError(what, where=KEY, remedy="start over with fresh=true")
        table[:] = state[name]
    report.resume(state["progress"])
