"""Training on the CPU: epochs over the text, by one thread or by several at once without locks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from plugins.embeddings.word2vec.order import TASK, Pieces, visits
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables, View
from plugins.embeddings.word2vec.text import Text

WAITING = 4  # tasks a thread that wait in line
Done = tuple[float, int, int]  # loss, predictions, tokens


def train(
    text: Text,
    chosen: npt.NDArray[np.int64],
    settings: Settings,
    *,
    seed: int = 0,
    threads: int = 1,
    notify: Callable[..., None] = lambda event, **facts: None,
) -> Trained:
    """Train vectors (Mikolov et al., 2013a and b); several threads share them without locks (Recht et al., 2011).

    Args:
        text: what to train on.
        chosen: int64 (V,), the codes of the words that get vectors.
        settings: the model.
        seed: with one thread the same seed gives the same vectors, bit for bit; with several it does not.
        threads: how many work at once.
        notify: told of ``progress``, as ``core.context.Context.notify`` is.

    Raises:
        DataError: no two words stand in one row.
        TrainingError: the vectors are not finite any more.
    """
    tables, report = Tables(text, chosen, settings, seed), Report(len(text.values), settings.epochs, notify)
    views: SimpleQueue[View] = SimpleQueue()
    for _ in range(threads):
        views.put(tables.view())
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    try:
        for epoch in range(settings.epochs):
            for done in _results(_jobs(text, epoch, seed, threads, views), pool, WAITING * threads):
                report.add(*done)
            report.close(tables.inputs)
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)
    return Trained(tables.vectors, report.losses, report.rate)


def _jobs(
    text: Text, epoch: int, seed: int, threads: int, views: SimpleQueue[View]
) -> Iterator[Callable[[], Done]]:
    """The tasks of an epoch, each with random numbers of its own."""
    total = len(text.values)
    done, task = epoch * total, max(1000, min(TASK, total // (8 * threads)))
    for number, pieces in enumerate(visits(text.offsets, [seed, epoch], task)):
        yield _job(pieces, done, [seed, epoch, number], views)
        done += int((pieces[:, 1] - pieces[:, 0]).sum())


def _job(pieces: Pieces, done: int, seed: list[int], views: SimpleQueue[View]) -> Callable[[], Done]:
    def work() -> Done:
        view = views.get()
        try:
            view.state[:] = np.random.SeedSequence(seed).generate_state(1, np.uint64)
            loss, predictions = view.train(pieces, done)
            return loss, predictions, int((pieces[:, 1] - pieces[:, 0]).sum())
        finally:
            views.put(view)

    return work


def _results(jobs: Iterator[Callable[[], Done]], pool: ThreadPoolExecutor | None, waiting: int) -> Iterator[Done]:
    """What the jobs give, in their order; a pool has some in line."""
    if pool is None:
        yield from (job() for job in jobs)
        return
    line: deque[Future[Done]] = deque()
    for job in jobs:
        line.append(pool.submit(job))
        if len(line) > waiting:
            yield line.popleft().result()
    while line:
        yield line.popleft().result()
