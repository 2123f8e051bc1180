"""The projection onto the vocabulary fused with its loss, in bfloat16 on a CPU.

Logits are kept with one event per column. The two largest products then read them in their own order: the CPU's
matrix unit takes half as long for these as for transposed ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.neural.ops.kernels import softmax_errors
from core.types import Array

EVENTS = 1024  # projected at a time


class _HalfProjectionLoss(torch.autograd.Function):
    """The gradients are computed in the forward pass, as in ``core.neural.ops.linear_cross_entropy``."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            matrix, half, offset = weight.to(torch.bfloat16), states.to(torch.bfloat16), bias.float()
            total, d_bias = torch.zeros(()), torch.zeros(len(weight))
            d_states, d_weight = torch.empty_like(states), torch.zeros_like(matrix)
            for at in range(0, len(states), EVENTS):
                part, answers = half[at : at + EVENTS], targets[at : at + EVENTS]
                errors = matrix @ part.t()  # (V, n)
                log_probs, by_word = errors_in_place(errors, offset, answers)
                total -= log_probs.sum()
                d_bias += by_word
                d_states[at : at + EVENTS] = errors.t() @ matrix  # (n, H)
                by_words = errors @ part  # (V, H)
                d_weight = d_weight.float().add_(by_words) if at else by_words
        ctx.save_for_backward(d_states, d_weight, d_bias)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        d_states, d_weight, d_bias = ctx.saved_tensors
        (scale,) = grads
        return d_states * scale.to(d_states.dtype), d_weight.float().mul_(scale), d_bias * scale, None


def half_projection_loss(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """See ``core.neural.ops.linear_cross_entropy.projection_loss``."""
    total: Tensor = _HalfProjectionLoss.apply(states, weight, bias, targets)  # type: ignore[no-untyped-call] # torch's own
    return total


def errors_in_place(logits: Tensor, bias: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Replace logits by the errors y_hat - y with y_hat = softmax(logits + bias).

    Args:
        logits: bfloat16 (V, n), contiguous.
        bias: float32 (V,).
        answers: int64 (n,).

    Returns:
        The log-probability of each answer, float32 (n,), and the sum of each row of errors, float32 (V,).
    """
    log_probs, by_row = np.empty(len(answers), np.float32), np.zeros(len(logits), np.float32)
    softmax_errors(bits_of(logits), bias.numpy(), answers.numpy(), log_probs, by_row)
    return torch.from_numpy(log_probs), torch.from_numpy(by_row)


def compile_errors() -> None:
    """Compile what ``errors_in_place`` uses."""
    errors_in_place(torch.zeros(2, 2, dtype=torch.bfloat16), torch.zeros(2), torch.zeros(2, dtype=torch.int64))


def bits_of(tensor: Tensor) -> Array:
    """The bits of a bfloat16 tensor as a numpy array of uint16 that shares its memory."""
    return tensor.view(torch.uint16).numpy()
