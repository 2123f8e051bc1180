"""Steps of the optimiser: clipped, and never with a gradient that is not finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from core.errors import TrainingError
from core.neural.ops.sparse_gradients import SparseGradients

MOST = 64  # queued steps


@dataclass(frozen=True)
class Step:
    """What the host knows of a step: its number and epoch from 1, its events and its learning rate."""

    number: int
    epoch: int
    events: int
    rate: float

    def check(self, loss: float, norm: float) -> None:
        """Refuse a loss (summed over the events) or a norm of the gradient that is not finite.

        Raises:
            TrainingError: it is not.
        """
        loss /= max(1, self.events)
        if math.isfinite(loss) and math.isfinite(norm):
            return
        step = f"step {self.number} (epoch {self.epoch})"
        what = f"{step} has loss {loss} and gradient norm {norm} at learning rate {self.rate:g}"
        remedy = "set a smaller train.learning_rate or train.clip, or precision=fp32"
        raise TrainingError(what, where="train.learning_rate", remedy=remedy)


class Update:
    """Updates the weights; each loss is read before its step.

    Args:
        weights: the trained weights.
        optimizer: their optimiser.
        clip: the maximum norm of the gradient; None for no limit.
    """

    def __init__(
        self, weights: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer, clip: float | None
    ) -> None:
        self.sparse = SparseGradients(weights)
        self.optimizer: Any = optimizer
        self.clip = clip

    def step(self, loss: Tensor, step: Step) -> float:
        """Take one step.

        Args:
            loss: summed over the events, a scalar.
            step: the step.

        Returns:
            The sum of the losses that have become known.

        Raises:
            TrainingError: a loss or its gradient is not finite; that step has not changed the weights.
        """
        gradients = self.sparse.parts()
        norm, total = float(get_total_norm(gradients)), float(loss)
        step.check(total, norm)
        if self.clip is not None and norm > self.clip:
            for part in gradients:
                part.mul_(self.clip / norm)
        self.sparse.densify()
        self.optimizer.step()
        return total

    def read(self) -> float:
        """Wait for the losses that are not known yet; their sum, and errors as in ``step``."""
        return 0.0


class QueuedUpdate(Update):
    """Updates the weights on a GPU, where the host waits for no step and reads the losses of several at once.

    The optimiser's own kernel clips, by dividing the gradient by ``grad_scale``, and changes nothing where
    ``found_inf`` is 1. These are the names under which torch's ``GradScaler`` passes both to a fused optimiser. So
    the weights stay as they are where the gradient is not finite, and the error comes with the next reading.

    Args:
        weights, optimizer, clip: see ``Update``; the optimiser is a fused one.
    """

    def __init__(
        self, weights: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer, clip: float | None
    ) -> None:
        super().__init__(weights, optimizer, clip)
        self.queue: list[tuple[Tensor, Tensor, Step]] = []

    def step(self, loss: Tensor, step: Step) -> float:
        """See ``Update.step``; the first loss, and then every 64th, is read at once."""
        norm = get_total_norm(self.sparse.parts())
        self.sparse.densify()
        self.optimizer.found_inf = (0 * norm).nan_to_num(nan=1.0)  # 0 times infinity is NaN
        if self.clip is not None:
            self.optimizer.grad_scale = norm.clamp(min=self.clip) / self.clip
        self.optimizer.step()
        self.queue.append((loss, norm, step))
        return self.read() if step.number == 1 or len(self.queue) >= MOST else 0.0

    def read(self) -> float:
        """See ``Update.read``."""
        if not self.queue:
            return 0.0
        losses, norms, steps = zip(*self.queue, strict=True)
        numbers = torch.stack([torch.stack(part).double() for part in (losses, norms)]).tolist()  # (2, steps)
        self.queue = []
        for loss, norm, step in zip(*numbers, steps, strict=True):
            step.check(loss, norm)
        return math.fsum(numbers[0])
