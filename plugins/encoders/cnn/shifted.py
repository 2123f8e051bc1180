"""Convolutions as one product of all tokens with all filter taps, followed by sums of shifted columns.

On a GPU torch's own convolution is faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv1d, pad

from core.neural.ops.devices import QUEUING

Taps = Sequence[Sequence[int]]  # per width: the offset of the token that each tap reads


def convolve(
    inputs: Tensor, taps: Taps, weights: Sequence[Tensor], biases: Sequence[Tensor], begin: int
) -> Tensor:
    """The filters of several widths at each position: y_t = b + sum over j of W_j x_(t + taps_j).

    Tokens outside the inputs are zero. Windows are not materialised: all products are one large product.

    Args:
        inputs: (B, S, D), including ``begin`` tokens before the first position.
        taps: per width.
        weights: per width, (C, taps * D).
        biases: per width, (C,).
        begin: the number of inputs before the first position.

    Returns:
        (B, S - begin, C * widths).
    """
    if inputs.device.type in QUEUING:
        return by_torch(inputs, taps, weights, biases, begin)
    size = inputs.shape[-1]
    matrix = torch.cat([w.view(len(w), -1, size).transpose(0, 1).flatten(0, 1) for w in weights])  # (taps * C, D)
    if torch.is_autocast_enabled(inputs.device.type):
        dtype = torch.get_autocast_dtype(inputs.device.type)
        inputs, matrix = inputs.to(dtype), matrix.to(dtype)
    summed: Tensor = _Shifted.apply(inputs, matrix, taps, begin)  # type: ignore[no-untyped-call] # torch's own
    return summed + torch.cat(list(biases)).to(summed.dtype)


def by_torch(
    inputs: Tensor, taps: Taps, weights: Sequence[Tensor], biases: Sequence[Tensor], begin: int
) -> Tensor:
    """As ``convolve``, with one convolution of torch per width."""
    columns, steps = inputs.transpose(1, 2), inputs.shape[1] - begin  # (B, D, S)
    found = []
    for places, weight, bias in zip(taps, weights, biases, strict=True):
        first, dilation = begin + places[0], places[1] - places[0] if len(places) > 1 else 1
        read = pad(columns[..., max(0, first) :], (max(0, -first), max(0, places[-1])))  # (B, D, steps + reach)
        kernel = weight.view(len(weight), len(places), -1).transpose(1, 2)  # (C, D, taps)
        found.append(conv1d(read, kernel, bias, dilation=dilation)[..., :steps])  # (B, C, steps)
    return torch.cat(found, 1).transpose(1, 2)


class _Shifted(torch.autograd.Function):
    """Sums of shifted columns of inputs @ matrix.T, without the zero-padded copies that autograd would make."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, matrix: Tensor, taps: Taps, begin: int) -> Tensor:
        ctx.save_for_backward(inputs, matrix)
        ctx.taps, ctx.begin = taps, begin
        products = inputs @ matrix.T  # (B, S, taps * C)
        channels = len(matrix) // sum(map(len, taps))
        batch, steps = inputs.shape[0], inputs.shape[1] - begin
        out = products.new_zeros(batch, steps, channels * len(taps))
        for column, block, to, at in _moves(taps, channels, begin, steps):
            out[:, to, column].add_(products[:, at, block])
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        inputs, matrix = ctx.saved_tensors
        channels = len(matrix) // sum(map(len, ctx.taps))
        columns = grads[0].new_empty(*inputs.shape[:2], len(matrix))  # (B, S, taps * C)
        for column, block, to, at in _moves(ctx.taps, channels, ctx.begin, inputs.shape[1] - ctx.begin):
            columns[:, : at.start, block] = 0
            columns[:, at, block] = grads[0][:, to, column]
            columns[:, at.stop :, block] = 0
        flat = columns.flatten(0, 1)  # (B * S, taps * C)
        own = (flat @ matrix).view(inputs.shape) if ctx.needs_input_grad[0] else None
        return own, flat.T @ inputs.flatten(0, 1), None, None


def _moves(taps: Taps, channels: int, begin: int, steps: int) -> list[tuple[slice, slice, slice, slice]]:
    """For each tap: its columns in the sum and in the products, and the positions that it moves to and from."""
    first = [0, *accumulate(map(len, taps))]
    moves = []
    for width, places in enumerate(taps):
        column = slice(width * channels, (width + 1) * channels)
        for number, place in enumerate(places):
            block = slice((first[width] + number) * channels, (first[width] + number + 1) * channels)
            start = min(max(0, -begin - place), steps)
            stop = max(start, min(steps, steps - place))
            moves.append((column, block, slice(start, stop), slice(start + begin + place, stop + begin + place)))
    return moves
