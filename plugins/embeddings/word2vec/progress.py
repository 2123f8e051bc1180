"""The progress reports and the result of training."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import DataError, TrainingError
from core.types import Float32s
from plugins.embeddings.word2vec.text import KEY

EVERY = 0.2  # seconds between two reports
SAVED = ("losses", "tasks", "loss", "predictions", "read")  # the attributes that a checkpoint holds


@dataclass
class Trained:
    """The result of training.

    Args:
        vectors: float32 (V, dim).
        outputs: float32 (V, dim), the output vectors: one row per word or inner node.
        basis: what the rows of ``outputs`` belong to; see ``Tables.basis``.
        losses: the mean loss per prediction of each epoch, in nats.
        tokens_per_second: tokens read per second, including those that are dropped.
    """

    vectors: Float32s
    outputs: Float32s
    basis: str
    losses: list[float] = field(default_factory=list)
    tokens_per_second: float = 0.0


class Report:
    """Sums the loss in float64 and reports the progress of training.

    Args:
        tokens: the number of tokens of the text.
        epochs: passes over the text.
        notify: called with the event ``progress``.
    """

    def __init__(self, tokens: int, epochs: int, notify: Callable[..., Any]) -> None:
        self.tokens, self.epochs, self.notify = tokens, epochs, notify
        self.start = self.reported = time.perf_counter()
        self.loss, self.predictions, self.losses = 0.0, 0, list[float]()
        self.tasks = 0  # finished tasks of this epoch
        self.read = self.before = 0  # tokens in all, and tokens read before an interruption

    @property
    def progress(self) -> dict[str, Any]:
        """The progress as plain numbers, for a checkpoint."""
        return {name: getattr(self, name) for name in SAVED}

    def resume(self, progress: dict[str, Any]) -> None:
        """Continue from saved progress."""
        for name in SAVED:
            setattr(self, name, progress[name])
        self.before = self.read

    @property
    def place(self) -> dict[str, int]:
        """How far training is, for people."""
        return {"epoch": min(len(self.losses) + 1, self.epochs), "epochs": self.epochs}

    @property
    def done(self) -> tuple[int, int]:
        """Finished epochs, and finished tasks of the next epoch."""
        return len(self.losses), self.tasks

    @property
    def rate(self) -> float:
        """Tokens per second."""
        return (self.read - self.before) / max(1e-9, time.perf_counter() - self.start)

    @property
    def epoch_ended(self) -> bool:
        """Whether the last task was the last one of its epoch."""
        return self.read == self.tokens * (len(self.losses) + 1)

    def add(self, loss: float, predictions: int, tokens: int) -> None:
        """Add the result of a task."""
        self.loss += loss
        self.predictions += predictions
        self.read += tokens
        self.tasks += 1
        if time.perf_counter() - self.reported > EVERY:
            self.reported = time.perf_counter()
            self.report()

    def report(self) -> None:
        """Report the progress."""
        rate, total = self.rate, self.tokens * self.epochs
        self.notify(
            "progress",
            step=self.read,
            steps=total,
            epoch=min(len(self.losses) + 1, self.epochs),
            epochs=self.epochs,
            loss=self.loss / max(1, self.predictions),
            tokens=self.read,
            tokens_per_second=rate,
            left=(total - self.read) / max(1e-9, rate),
        )

    def close(self, inputs: Float32s) -> None:
        """End an epoch."""
        if not self.predictions:
            what = "no row has two of the words that are left, so there is nothing to predict"
            remedy = "train on running text with embedding.word2vec.corpus=, or keep frequent words with sample=0"
            raise DataError(what, where=KEY, remedy=remedy)
        if not (np.isfinite(self.loss) and np.isfinite(inputs.sum(dtype=np.float64))):
            raise TrainingError("the vectors are not finite", where=f"{KEY}.alpha", remedy="lower it")
        self.report()
        self.losses.append(self.loss / self.predictions)
        self.loss, self.predictions, self.tasks = 0.0, 0, 0
