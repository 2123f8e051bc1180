"""Gradients of a few rows of a large table, where writing all of its rows at each step would cost most."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def look_up(ids: Tensor, table: Tensor) -> Tensor:
    """The rows of a trained table: ids int64 (...), table (V, D) -> (..., D).

    On a CPU the gradient is sparse, which the trainer expects and no optimiser sees.
    """
    return nn.functional.embedding(ids, table, sparse=ids.device.type == "cpu")  # (..., D)


class SparseGradients:
    """Sparse gradients as dense ones, each in one buffer that is cleared where the last step wrote.

    Args:
        weights: what is trained.
    """

    def __init__(self, weights: Sequence[nn.Parameter]) -> None:
        self.weights = weights
        self.buffers: dict[nn.Parameter, Tensor] = {}
        self.written: dict[nn.Parameter, Tensor] = {}

    def parts(self) -> list[Tensor]:
        """The gradients; of a sparse one the rows that it has, (N, D), each row once."""
        found = []
        for weight in self.weights:
            if weight.grad is None:
                continue
            if weight.grad.is_sparse:
                weight.grad = weight.grad.coalesce()
            found.append(weight.grad._values() if weight.grad.is_sparse else weight.grad)
        return found

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
