"""The head of kind ``number``: the states of a row become one vector, the vector a number."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import torch
from torch import Tensor

from core.config.space import Search
from core.neural.base import Embedding, Encoder
from core.neural.heads.pooled import PooledHead, Pooling
from core.neural.ops.collation import collate_tensors, take_events
from core.neural.ops.dropout import DropoutRate
from core.neural.ops.precision import at_least_fp32
from core.types import Array, Arrays, Int64s


class RegressionHead(PooledHead):
    """Pooling and a linear map onto a number, which is trained and predicted in the units of the data.

    Inside, numbers are standardised by the mean and the standard deviation of the training rows, so that one
    learning rate fits prices and shares.

    Args:
        pooling: how the states of a row become one vector; ``auto`` is the encoder's default, or the mean if the
            training rows have more than 300 tokens on average; ``max+mean`` concatenates both.
        loss: squared error, whose best answer is the mean, or absolute error, whose best answer is the median.
            Both are of standardised numbers.
        dropout: the share of the pooled vector's numbers that training sets to zero.
    """

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        pooling: Annotated[Pooling, Search(choices=("mean", "max", "attention"))] = "auto",
        loss: Literal["squared", "absolute"] = "squared",
        dropout: DropoutRate = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size, 1, pooling, dropout)
        self.is_squared = loss == "squared"
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros((), dtype=torch.float64))
        self.register_buffer("deviation", torch.ones((), dtype=torch.float64))

    def prepare(self, targets: Tensor) -> None:
        """The mean and the standard deviation of the training rows; see ``NeuralHead.prepare``."""
        numbers = targets[targets.isfinite()].double()
        if len(numbers):
            self.mean.copy_(numbers.mean())
            deviation = float(numbers.std(correction=0))
            self.deviation.fill_(deviation if deviation > 0 else 1.0)  # numbers that are all equal

    def collate(self, targets: Array, lengths: Int64s) -> tuple[Any, ...]:
        """The places of the rows that have a number, None where all have one, and these numbers."""
        places = np.flatnonzero(np.isfinite(targets))
        return (None, targets) if len(places) == len(targets) else (places, targets[places])

    def loss(
        self, states: Tensor, lengths: Tensor, targets: Tensor, collated: tuple[Any, ...] | None = None
    ) -> tuple[Tensor, Tensor]:
        """The sum of the errors of standardised numbers; see ``NeuralHead.loss``.

        Args:
            states: (B, T, H).
            lengths: int64 (B,).
            targets: float64 (B,), NaN where a row has no number.
            collated: what ``collate`` returned.
        """
        if collated is None:
            collated = collate_tensors(self.collate, targets, lengths)
        places, numbers = collated
        pooled = take_events(self.pool(states, lengths), places)  # (N, H)
        outputs = at_least_fp32(self.linear(self.dropout(pooled)))[:, 0]  # (N,)
        errors = outputs - ((numbers - self.mean) / self.deviation).to(outputs.dtype)
        total = errors.square().sum() if self.is_squared else errors.abs().sum()
        return total, torch.tensor(len(numbers))

    def answers(self, pooled: Tensor) -> Arrays:
        """The number of each row, in the units of the data: float64 (B,)."""
        outputs = at_least_fp32(self.linear(pooled))[:, 0].double()
        return {"number": (self.mean + self.deviation * outputs).detach().cpu().numpy()}
