"""Gradients of a few rows of a large table, where writing all rows at each step would dominate the cost."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def look_up(ids: Tensor, table: Tensor) -> Tensor:
    """Select the rows of a trained table: ids int64 (...), table (V, D) -> (..., D).

    On a CPU the gradient is sparse; the trainer makes it dense before the optimiser reads it.
    """
    return nn.functional.embedding(ids, table, sparse=ids.device.type == "cpu")  # (..., D)


class SparseGradients:
    """Converts sparse gradients to dense ones; each buffer is cleared only where the last step wrote.

    Args:
        weights: the trained weights.
    """

    def __init__(self, weights: Sequence[nn.Parameter]) -> None:
        self.weights = weights
        self.buffers: dict[nn.Parameter, Tensor] = {}
        self.written: dict[nn.Parameter, Tensor] = {}

    def parts(self) -> list[Tensor]:
        """The values of each gradient; of a sparse one only its rows, (N, D), each row once."""
        values = []
        for weight in self.weights:
            if weight.grad is None:
                continue
            if weight.grad.is_sparse:
                weight.grad = weight.grad.coalesce()
            values.append(weight.grad._values() if weight.grad.is_sparse else weight.grad)
        return values

    def densify(self) -> None:
        """Make all gradients dense."""
        for weight in self.weights:
            if weight.grad is None or not weight.grad.is_sparse:
                continue
            rows, values = weight.grad._indices()[0], weight.grad._values()
            if weight not in self.buffers:
                self.buffers[weight] = torch.zeros_like(weight)
            else:
                self.buffers[weight].index_fill_(0, self.written[weight], 0.0)
            self.written[weight] = rows
            weight.grad = self.buffers[weight].index_copy_(0, rows, values)
