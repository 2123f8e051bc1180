"""The parts of a trainer's state that are not weights: its progress, carries, random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.neural.base import Carry


@dataclass
class Progress:
    """How far training is.

    Args:
        epoch: epochs that are over.
        batch: batches of this epoch that are over.
        step: steps in all.
        tokens: tokens read in all.
        waited: epochs since the best one.
        factor: what the plateau schedule multiplies the learning rate by.
        loss: the summed loss of this epoch's events, in nats.
        events: events of this epoch.
        read: tokens read in this epoch.
        seconds: spent in this epoch's steps.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    tokens: int = 0
    waited: int = 0
    factor: float = 1.0
    loss: float = 0.0
    events: int = 0
    read: int = 0
    seconds: float = 0.0

    @property
    def mean_loss(self) -> float:
        """Nats per event in this epoch."""
        return self.loss / max(1, self.events)

    @property
    def tokens_per_second(self) -> float:
        """Training speed in this epoch."""
        return self.read / max(1e-9, self.seconds)

    def add(self, loss: float, events: int, tokens: int, seconds: float) -> None:
        """Count one step.

        Args:
            loss: the sum over its events, in nats.
            events: its events.
            tokens: what it read.
            seconds: how long it took.
        """
        self.step, self.batch, self.tokens = self.step + 1, self.batch + 1, self.tokens + tokens
        self.loss, self.events, self.read = self.loss + loss, self.events + events, self.read + tokens
        self.seconds += seconds

    def next_epoch(self) -> None:
        """Go to the start of the next epoch."""
        self.epoch, self.batch = self.epoch + 1, 0
        self.loss, self.events, self.read, self.seconds = 0.0, 0, 0, 0.0


def map_tensors(carry: Carry, change: Callable[[Tensor], Tensor]) -> Carry:
    """A carry with every tensor changed.

    Args:
        carry: a tensor, a nested tuple of them, or anything else, which stays as it is.
        change: from tensor to tensor.
    """
    if isinstance(carry, tuple):
        return tuple(map_tensors(part, change) for part in carry)
    return change(carry) if isinstance(carry, Tensor) else carry


def random_state(device: torch.device) -> dict[str, Any]:
    """The states of torch's and numpy's global random numbers, as tensors and plain values."""
    name, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    state = {"torch": torch.get_rng_state(), "numpy": (name, torch.from_numpy(np.array(keys, dtype=np.int64)))}
    state["numpy_place"] = (int(position), int(has_gauss), float(gauss))
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def set_random_state(state: dict[str, Any], device: torch.device) -> None:
    """Put back what ``random_state`` took."""
    name, keys = state["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *state["numpy_place"]))
    torch.set_rng_state(state["torch"].cpu())
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)
