"""The projection onto the vocabulary fused with its loss, so that (events, words) never exists whole."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

ROWS = 512  # events projected at a time


class _ProjectionLoss(torch.autograd.Function):
    """Forms the gradients in the forward pass: each chunk of logits is used while it is at hand.

    For one event with state h, answer y and y_hat = softmax(V h + b), the loss is -log y_hat[y], its
    gradient by V is (y_hat - y) h^T, by h it is V^T (y_hat - y), by b it is y_hat - y.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        device = states.device.type
        half = torch.is_autocast_enabled(device)
        dtype = torch.get_autocast_dtype(device) if half else weight.dtype
        wide = torch.promote_types(dtype, torch.float32)  # sums are taken in fp32 at least
        needs = any(ctx.needs_input_grad)
        with torch.autocast(device, enabled=False):
            matrix, offset, total = weight.to(dtype), bias.to(dtype), states.new_zeros((), dtype=wide)
            d_states = torch.empty_like(states) if needs else None
            d_weight = torch.zeros_like(weight, dtype=wide) if needs else None
            d_bias = torch.zeros_like(bias, dtype=wide) if needs else None
            for at in range(0, len(states), ROWS):
                chunk, answers = states[at : at + ROWS].to(dtype), targets[at : at + ROWS, None]
                log_probs = torch.log_softmax(torch.addmm(offset, chunk, matrix.T), 1, dtype=wide)  # (n, V)
                total -= log_probs.gather(1, answers).sum()
                if d_states is None or d_weight is None or d_bias is None:
                    continue
                error = log_probs.exp_().scatter_add_(1, answers, log_probs.new_full(answers.shape, -1.0))
                d_bias += error.sum(0)
                error = error.to(dtype)
                d_states[at : at + ROWS] = error @ matrix  # (n, H)
                d_weight.addmm_(error.T, chunk) if wide == dtype else d_weight.add_(error.T @ chunk)  # (V, H)
        if d_states is not None and d_weight is not None and d_bias is not None:
            ctx.save_for_backward(d_states, d_weight.to(weight.dtype), d_bias.to(bias.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        d_states, d_weight, d_bias = ctx.saved_tensors
        (scale,) = grads
        return d_states * scale.to(d_states.dtype), d_weight * scale.to(d_weight.dtype), d_bias * scale, None


def projection_loss(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """The sum over events of -log softmax(weight @ state + bias)[target].

    Args:
        states: (N, H).
        weight: (V, H).
        bias: (V,).
        targets: int64 (N,), each 0 to V - 1.

    Returns:
        A scalar, in fp32 at least; it can be differentiated once.
    """
    total: Tensor = _ProjectionLoss.apply(states, weight, bias, targets)  # type: ignore[no-untyped-call] # torch's own
    return total


def projection_log_probs(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """The natural log-probability of each target, without gradients.

    Args:
        states: (N, H).
        weight: (V, H).
        bias: (V,).
        targets: int64 (N,).

    Returns:
        (N,), in fp32 at least.
    """
    wide = torch.promote_types(weight.dtype, torch.float32)
    found = [torch.empty(0, dtype=wide, device=states.device)]
    for at in range(0, len(states), ROWS):
        logits = torch.nn.functional.linear(states[at : at + ROWS], weight, bias)  # (n, V)
        answers = targets[at : at + ROWS, None]
        found.append(torch.log_softmax(logits, 1, dtype=wide).gather(1, answers)[:, 0])  # (n,)
    return torch.cat(found)
