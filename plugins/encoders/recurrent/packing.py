"""Rows of several lengths as one sequence of tokens, which cuDNN reads in both directions in one call."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.types import Int64s

Packing = tuple[Tensor, Tensor, Tensor]  # what ``packing`` returns, with its arrays on the device


def packing(lengths: Int64s, steps: int) -> tuple[Int64s, Int64s, Tensor]:
    """Order the N tokens of rows by their position, those of longer rows first.

    Args:
        lengths: int64 (B,).
        steps: T.

    Returns:
        The cell of each token among the B * T cells (N,); the token of each cell (B, T), where those beyond a
        row's length have any; and the number of rows that have each position, which the host needs.
    """
    rows, positions = np.argsort(-lengths, kind="stable"), np.arange(steps)[:, None]
    inside = positions < lengths[rows]  # (T, B)
    cells = (rows * steps + positions)[inside]  # (N,)
    # any token, but not always the same one: gradients of one row of a table are added one after the other
    tokens = np.arange(lengths.size * steps) % max(1, len(cells))
    tokens[cells] = np.arange(len(cells))
    sizes = inside.sum(1)
    return cells, tokens.reshape(-1, steps), torch.from_numpy(sizes[sizes > 0])
