"""The predictions of a corpus, filled batch by batch, of which several processes compute a share each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from core import processes
from core.data.batching import Batch
from core.data.vocab import FIRST
from core.model.runtime import Runtime
from core.neural.mean_loss import MeanLoss
from core.types import Array, Arrays, Int64s

T = TypeVar("T")
OWN = "own."  # in front of the names of the arrays that processes exchange


def own_batches(batches: Sequence[T], runtime: Runtime) -> Sequence[T]:
    """The batches of prediction that this process computes, each the same as in a single process."""
    return batches[processes.rank() :: runtime.processes] if runtime.processes > 1 else batches


class Predictions:
    """Arrays with one entry per event; one of several numbers is as wide as the widest, the others end in zeros.

    Args:
        arrays: empty ones; the answers to a batch may add others.
        events: the number of events.
    """

    def __init__(self, arrays: Arrays, events: int) -> None:
        self.arrays, self.events, self.read = arrays, events, list[Int64s]()

    def add(self, batch: Batch, answers: Arrays) -> None:
        """Fill in the answers to a batch; labels are counted from 0."""
        inside = batch.index >= 0
        for name, values in answers.items():
            self._put(name, batch.index[inside], values[inside] + (FIRST if name == "label" else 0))
        self.read.append(batch.index[inside])

    def exchange(self, loss: MeanLoss | None) -> None:
        """Fill in what the other processes have predicted; ``loss`` becomes that of all."""
        read = np.concatenate([np.zeros(0, dtype=np.int64), *self.read])
        own = {f"{OWN}{name}": values[read] for name, values in self.arrays.items()}
        parts = processes.gather({**own, "read": read, "loss": (loss or MeanLoss()).to_array()})
        for part in parts:
            for name, values in part.items():
                if name.startswith(OWN) and len(values):
                    self._put(name.removeprefix(OWN), part["read"], values)
        if loss is not None:
            loss.set([part["loss"] for part in parts])

    def _put(self, name: str, events: Int64s, values: Array) -> None:
        if name not in self.arrays:
            self.arrays[name] = np.zeros((self.events, *values.shape[1:]), values.dtype)
        if values.ndim == 1:
            self.arrays[name][events] = values
            return
        if (more := values.shape[1] - self.arrays[name].shape[1]) > 0:
            self.arrays[name] = np.pad(self.arrays[name], ((0, 0), (0, more)))
        self.arrays[name][events, : values.shape[1]] = values
