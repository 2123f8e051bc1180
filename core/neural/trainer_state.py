"""The parts of a trainer's state that are not weights: progress, carries, random numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.neural.base import Carry


@dataclass
class Progress:
    """How far training is."""

    epoch: int = 0  # completed epochs
    batch: int = 0  # completed batches of this epoch
    step: int = 0  # all completed steps
    tokens: int = 0  # all tokens read
    waited: int = 0  # epochs since the best score or the lowest dev loss
    lowest: float = math.inf  # the lowest dev loss so far, in nats per event
    factor: float = 1.0  # what the plateau schedule multiplies the learning rate by
    loss: float = 0.0  # summed over the events of this epoch, in nats
    events: int = 0  # of this epoch
    read: int = 0  # tokens of this epoch
    seconds: float = 0.0  # spent in the steps of this epoch
    passes: float = 0.0  # over the training split, up to the last evaluation of dev
    began: float = 0.0  # what the run had spent of a budget of seconds before the first step
    evaluation: float | None = None  # seconds of the last evaluation of dev, with a budget of seconds

    @property
    def mean_loss(self) -> float:
        """Nats per event in this epoch."""
        return self.loss / max(1, self.events)

    @property
    def tokens_per_second(self) -> float:
        """Training speed in this epoch."""
        return self.read / max(1e-9, self.seconds)

    def add(self, loss: float, events: int, tokens: int, seconds: float) -> None:
        """Count one step with its loss (summed over its events, in nats), events, tokens read and duration."""
        self.step, self.batch, self.tokens = self.step + 1, self.batch + 1, self.tokens + tokens
        self.loss, self.events, self.read = self.loss + loss, self.events + events, self.read + tokens
        self.seconds += seconds

    def next_epoch(self, batches: int) -> None:
        """Go to the start of the next epoch, from one of so many batches, of which some may be left."""
        self.passes += self.batch / max(1, batches)
        self.epoch, self.batch = self.epoch + 1, 0
        self.loss, self.events, self.read, self.seconds = 0.0, 0, 0, 0.0


def map_tensors(carry: Carry, change: Callable[[Tensor], Tensor]) -> Carry:
    """Apply ``change`` to every tensor of a carry: a tensor, a nested tuple, or a value that stays unchanged."""
    if isinstance(carry, tuple):
        return tuple(map_tensors(part, change) for part in carry)
    return change(carry) if isinstance(carry, Tensor) else carry


def random_state(device: torch.device) -> dict[str, Any]:
    """The states of the global random generators of torch, numpy and Python, as tensors and plain values."""
    name, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    version, words, next_gauss = random.getstate()
    state = {"torch": torch.get_rng_state(), "numpy": (name, torch.from_numpy(np.array(keys, dtype=np.int64)))}
    state["numpy_position"] = (int(position), int(has_gauss), float(gauss))
    state["python"] = (version, torch.tensor(words), next_gauss)
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_random_state(state: dict[str, Any], device: torch.device) -> None:
    """Restore what ``random_state`` returned."""
    name, keys = state["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *state["numpy_position"]))
    version, words, next_gauss = state["python"]
    random.setstate((version, tuple(words.tolist()), next_gauss))
    torch.set_rng_state(state["torch"].cpu())
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)
    elif device.type == "mps":
        torch.mps.set_rng_state(state["mps"].cpu())
