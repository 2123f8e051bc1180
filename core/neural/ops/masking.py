"""Masks for cells beyond a row's length."""

from __future__ import annotations

import torch
from torch import Tensor


def inside(lengths: Tensor, steps: int) -> Tensor:
    """Mark the cells that belong to their row: lengths int64 (B,), T steps -> bool (B, T)."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def cleared(values: Tensor, lengths: Tensor) -> Tensor:
    """Put zeros beyond each row's length, also in place of NaN: (B, T, D), int64 (B,) -> (B, T, D)."""
    return values.masked_fill(~inside(lengths, values.shape[1])[..., None], 0.0)


def reversed_rows(values: Tensor, lengths: Tensor) -> Tensor:
    """Reverse each row within its length, and leave the cells beyond: (B, T, D), int64 (B,) -> (B, T, D)."""
    steps = torch.arange(values.shape[1], device=values.device).expand(values.shape[:2])
    index = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)  # (B, T)
    return values.gather(1, index[..., None].expand_as(values))  # (B, T, D)
