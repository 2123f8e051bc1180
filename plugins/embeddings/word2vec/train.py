"""Training on the CPU, by one thread or by several threads without locks."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from core.model.checkpoint import Part
from core.types import Int64s
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.schedule import TASK, Task, tasks
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables, View
from plugins.embeddings.word2vec.text import Text
from plugins.embeddings.word2vec.training_loop import TaskQueue, TaskResult, TrainingLoop, restore

if TYPE_CHECKING:
    from plugins.embeddings.word2vec.warm_start import WarmStart


def train(
    text: Text,
    chosen: Int64s,
    settings: Settings,
    *,
    seed: int = 0,
    threads: int = 1,
    notify: Callable[..., None] = lambda event, **facts: None,
    start: WarmStart | None = None,
    checkpoint: Part | None = None,
) -> Trained:
    """Train vectors (Mikolov et al., 2013a and b); several threads share them without locks (Recht et al., 2011).

    Args:
        text: the text to train on.
        chosen: int64 (V,), the codes of the words that get vectors.
        settings: the settings.
        seed: with one thread the same seed gives the same vectors, bit for bit; with several threads it does not.
        threads: the number of threads.
        notify: called with the event ``progress``, see ``core.model.context.Context.notify``.
        start: vectors to continue from; None: random ones.
        checkpoint: where the training is saved, and resumes from; None: it is not saved.

    Raises:
        DataError: no row has two words.
        TrainingError: the vectors are not finite any more.
    """
    tables, report = Tables(text, chosen, settings, seed), Report(len(text.values), settings.epochs, notify)
    if start is not None:
        start.initialise(tables)
    checkpoint = checkpoint or Part()
    restore(checkpoint, tables, report)
    size = max(1000, min(TASK, len(text.values) // (8 * threads)))
    left = tasks(text, seed, settings.epochs, size, report.done)
    return TrainingLoop(tables, report, checkpoint).run(left, TaskQueue(_Worker(tables, threads), threads))


class _Worker:
    """Runs tasks, each with one of as many views as there are threads."""

    def __init__(self, tables: Tables, threads: int) -> None:
        self.views: SimpleQueue[View] = SimpleQueue()
        for _ in range(threads):
            self.views.put(tables.view())

    def __call__(self, task: Task) -> TaskResult:
        view = self.views.get()
        try:
            view.state[:] = np.random.SeedSequence(task.seed).generate_state(1, np.uint64)
            return *view.train(task.pieces, task.before), task.tokens
        finally:
            self.views.put(view)
