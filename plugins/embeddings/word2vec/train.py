"""Training on the CPU: epochs over the text, by one thread or by several at once without locks."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plugins.embeddings.word2vec.checkpoint import Checkpoint
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.schedule import TASK, Task, tasks
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables, View
from plugins.embeddings.word2vec.text import Text
from plugins.embeddings.word2vec.training_loop import TaskQueue, TaskResult, TrainingLoop

if TYPE_CHECKING:
    from plugins.embeddings.word2vec.warm_start import WarmStart


def train(
    text: Text,
    chosen: npt.NDArray[np.int64],
    settings: Settings,
    *,
    seed: int = 0,
    threads: int = 1,
    notify: Callable[..., None] = lambda event, **facts: None,
    start: WarmStart | None = None,
    state: Checkpoint | None = None,
) -> Trained:
    """Train vectors (Mikolov et al., 2013a and b); several threads share them without locks (Recht et al., 2011).

    Args:
        text: what to train on.
        chosen: int64 (V,), the codes of the words that get vectors.
        settings: the model.
        seed: with one thread the same seed gives the same vectors, bit for bit; with several it does not.
        threads: how many work at once.
        notify: told of ``progress``, as ``core.model.context.Context.notify`` is.
        start: vectors to go on from; None: random ones.
        state: where an interrupted training is kept, and goes on from; None: it is lost.

    Raises:
        DataError: no two words stand in one row.
        TrainingError: the vectors are not finite any more.
    """
    tables, report = Tables(text, chosen, settings, seed), Report(len(text.values), settings.epochs, notify)
    if start is not None:
        start.lay(tables)
    if state is not None:
        report.go_on(state.take(tables))
    views: SimpleQueue[View] = SimpleQueue()
    for _ in range(threads):
        views.put(tables.view())

    def work(task: Task) -> TaskResult:
        view = views.get()
        try:
            view.state[:] = np.random.SeedSequence(task.seed).generate_state(1, np.uint64)
            return *view.train(task.pieces, task.before), task.tokens
        finally:
            views.put(view)

    size = max(1000, min(TASK, len(text.values) // (8 * threads)))
    left = tasks(text, seed, settings.epochs, size, report.done)
    return TrainingLoop(tables, report, state).follow(left, TaskQueue(work, threads))
