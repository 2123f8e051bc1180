"""Cells beyond a row's length: found, cleared, passed over when a row is reversed."""

from __future__ import annotations

import torch
from torch import Tensor


def inside(lengths: Tensor, steps: int) -> Tensor:
    """Which cells belong to their row.

    Args:
        lengths: int64 (B,).
        steps: T.

    Returns:
        bool (B, T).
    """
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def cleared(values: Tensor, lengths: Tensor) -> Tensor:
    """The values with zeros beyond each row's length, whatever stood there (NaN too).

    Args:
        values: (B, T, D).
        lengths: int64 (B,).

    Returns:
        (B, T, D).
    """
    return values.masked_fill(~inside(lengths, values.shape[1])[..., None], 0.0)


def reversed_rows(values: Tensor, lengths: Tensor) -> Tensor:
    """Each row turned round within its length; the cells beyond stay where they are.

    Args:
        values: (B, T, D).
        lengths: int64 (B,).

    Returns:
        (B, T, D); applied twice, the values again.
    """
    steps = torch.arange(values.shape[1], device=values.device).expand(values.shape[:2])
    index = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)  # (B, T)
    return values.gather(1, index[..., None].expand_as(values))  # (B, T, D)
