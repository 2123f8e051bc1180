"""What training tells on its way, and what it gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import DataError, TrainingError
from plugins.embeddings.word2vec.tables import Floats
from plugins.embeddings.word2vec.text import KEY

EVERY = 0.2  # seconds between two reports of progress
PLACE = ("losses", "tasks", "loss", "predictions", "read")


@dataclass
class Trained:
    """What training gives.

    Args:
        vectors: float32 (V, dim).
        outputs: float32 (V, dim), what the vectors are multiplied with: a row a word, or an inner node.
        basis: what the rows of ``outputs`` stand for; see ``Tables.basis``.
        losses: the mean loss a prediction in each epoch, in nats.
        tokens_per_second: tokens of the text read a second, those left out included.
    """

    vectors: Floats
    outputs: Floats
    basis: str
    losses: list[float] = field(default_factory=list)
    tokens_per_second: float = 0.0


class Report:
    """Adds up the loss in float64, and tells how far training is.

    Args:
        tokens: of the text.
        epochs: passes over it.
        notify: is told of ``progress``.
    """

    def __init__(self, tokens: int, epochs: int, notify: Callable[..., Any]) -> None:
        self.tokens, self.epochs, self.notify = tokens, epochs, notify
        self.start = self.told = time.perf_counter()
        self.loss, self.predictions, self.losses = 0.0, 0, list[float]()
        self.tasks = 0  # of this epoch that are done
        self.read = self.before = 0  # tokens in all, and those of them that were read before an interruption

    @property
    def place(self) -> dict[str, Any]:
        """How far training is, as plain numbers: all that adding goes on from."""
        return {name: getattr(self, name) for name in PLACE}

    def go_on(self, place: dict[str, Any] | None) -> None:
        """Go on from a place, and say so; None: from the beginning."""
        if place is None:
            return
        for name in PLACE:
            setattr(self, name, place[name])
        self.before = self.read
        share = self.read / (self.tokens * self.epochs)
        self.notify("note", text=f"word2vec: training goes on where it was interrupted, at {share:.1%}")

    @property
    def done(self) -> tuple[int, int]:
        """Whole epochs, and tasks of the next one."""
        return len(self.losses), self.tasks

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return (self.read - self.before) / max(1e-9, time.perf_counter() - self.start)

    @property
    def turned(self) -> bool:
        """Whether the last task was the last one of its epoch."""
        return self.read == self.tokens * (len(self.losses) + 1)

    def add(self, loss: float, predictions: int, tokens: int) -> None:
        """One task more."""
        self.loss += loss
        self.predictions += predictions
        self.read += tokens
        self.tasks += 1
        if time.perf_counter() - self.told > EVERY:
            self.told = time.perf_counter()
            self.tell()

    def tell(self) -> None:
        """Notify of progress."""
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

    def close(self, inputs: Floats) -> None:
        """End an epoch."""
        if not self.predictions:
            what = "no two of the words that are kept stand in one row, so there is nothing to predict"
            remedy = "train on running text with embedding.word2vec.corpus=, or keep frequent words with sample=0"
            raise DataError(what, where=KEY, remedy=remedy)
        if not (np.isfinite(self.loss) and np.isfinite(inputs.sum(dtype=np.float64))):
            raise TrainingError("the vectors are not finite", where=f"{KEY}.alpha", remedy="lower it")
        self.tell()
        self.losses.append(self.loss / self.predictions)
        self.loss, self.predictions, self.tasks = 0.0, 0, 0
