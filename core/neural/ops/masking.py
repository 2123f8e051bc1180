"""Masks for cells beyond a row's length."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def inside(lengths: Tensor, steps: int) -> Tensor:
    """Mark the cells that belong to their row: lengths int64 (B,), T steps -> bool (B, T)."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def beyond(lengths: Tensor, steps: int) -> Tensor:
    """Mark the cells beyond the length of their row: lengths int64 (B,), T steps -> bool (B, T)."""
    return torch.arange(steps, device=lengths.device) >= lengths[:, None]


def cleared(values: Tensor, lengths: Tensor) -> Tensor:
    """Put zeros beyond each row's length, also in place of NaN: (B, T, D), int64 (B,) -> (B, T, D)."""
    return values.masked_fill(beyond(lengths, values.shape[1])[..., None], 0.0)


def reversal(lengths: Tensor, steps: int) -> Tensor:
    """The index by which ``reversed_rows`` reverses: lengths int64 (B,), T steps -> int64 (B, T).

    The cells beyond a row's length are reversed among themselves.
    """
    return (lengths[:, None] - torch.arange(1, steps + 1, device=lengths.device)).remainder(steps)


def reversed_rows(values: Tensor, lengths: Tensor, index: Tensor | None = None) -> Tensor:
    """Reverse each row within its length: (B, T, D), int64 (B,) -> (B, T, D).

    ``index`` is the ``reversal`` of these lengths, where it exists already.
    """
    index = reversal(lengths, values.shape[1]) if index is None else index
    if values.device.type != "cpu":
        return values.gather(1, index[..., None].expand_as(values))  # (B, T, D)
    rows = index + values.shape[1] * torch.arange(len(values))[:, None]  # whole vectors move faster on a CPU
    result: Tensor = _Exchanged.apply(values, rows.flatten())  # type: ignore[no-untyped-call] # torch's own
    return result


class _Exchanged(torch.autograd.Function):
    """Cells in pairs that change places, whose gradients change places too."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, index: Tensor) -> Tensor:
        ctx.save_for_backward(index)
        return values.flatten(0, 1).index_select(0, index).view(values.shape)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (index,) = ctx.saved_tensors
        return grads[0].flatten(0, 1).index_select(0, index).view(grads[0].shape), None
