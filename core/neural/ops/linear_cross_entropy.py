"""The projection onto the vocabulary fused with its loss, so that (events, words) never exists in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from core.neural.ops.devices import QUEUING

ROWS = 512  # events projected at a time, at least on a GPU
SHARE, ASSUMED = 64, 8 << 30  # the logits of a GPU take up to a 64th of its memory, of 8 GB where it is not known


class _ProjectionLoss(torch.autograd.Function):
    """Computes the gradients in the forward pass, so that each chunk of logits is used once and freed.

    For one event with state h, answer y and y_hat = softmax(V h + b), the loss is -log y_hat[y]; its
    gradients are (y_hat - y) h^T for V, V^T (y_hat - y) for h, and y_hat - y for b.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        device = states.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype
        wide = torch.promote_types(dtype, torch.float32)  # sums are at least fp32
        needs = any(ctx.needs_input_grad)
        with torch.autocast(device, enabled=False):
            matrix, offset, total = weight.to(dtype), bias.to(dtype), states.new_zeros((), dtype=wide)
            d_states = torch.empty_like(states) if needs else None
            d_weight: Tensor | None = None
            d_bias: Tensor | None = None
            for chunk, answers, at in _chunks(states.to(dtype), targets, _rows_of(weight)):
                error, log_probs = _softmax(torch.addmm(offset, chunk, matrix.T), answers, wide)  # (n, V), (n, 1)
                total -= log_probs.sum()
                if d_states is None:
                    continue
                error.scatter_(1, answers, -1.0, reduce="add")
                by_bias = error.sum(0)  # (V,)
                d_bias = by_bias if d_bias is None else d_bias.add_(by_bias)
                error = error.to(dtype)
                d_states[at : at + len(chunk)] = error @ matrix  # (n, H)
                by_weight = (error.T @ chunk).to(wide)  # (V, H)
                d_weight = by_weight if d_weight is None else d_weight.add_(by_weight)
        if needs:
            d_weight = torch.zeros_like(weight) if d_weight is None else d_weight
            d_bias = torch.zeros_like(bias) if d_bias is None else d_bias
            ctx.save_for_backward(d_states, d_weight.to(weight.dtype), d_bias.to(bias.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        d_states, d_weight, d_bias = ctx.saved_tensors
        d_states, d_weight, d_bias = torch._foreach_mul((d_states, d_weight, d_bias), grads[0])
        return d_states, d_weight, d_bias, None


def _rows_of(weight: Tensor) -> int:
    """The number of events to project at a time; on a CPU their logits stay in the caches."""
    if weight.device.type == "cpu":
        return ROWS
    memory = torch.cuda.get_device_properties(weight.device).total_memory if weight.is_cuda else ASSUMED
    return max(ROWS, memory // SHARE // (4 * len(weight)))


def _chunks(states: Tensor, targets: Tensor, rows: int) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Near-equal parts of at most ``rows`` events: states (n, H), targets (n, 1), index of the first event."""
    size = -(-len(states) // max(1, -(-len(states) // rows)))
    for at in range(0, len(states), max(1, size)):
        yield states[at : at + size], targets[at : at + size, None], at


def _softmax(logits: Tensor, answers: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Softmax (n, V), and the log-probability of each answer (n, 1), exact even where the softmax underflows.

    On a CPU the exponential is computed once, in the softmax; the logarithm of the sum follows from the largest
    entry, which is at least 1 / V. On a GPU the number of kernels counts.
    """
    if logits.device.type in QUEUING:
        all_log_probs = torch.log_softmax(logits, 1, dtype=dtype)  # (n, V)
        log_probs = all_log_probs.gather(1, answers)  # (n, 1)
        return all_log_probs.exp_(), log_probs
    probs, peak = torch.softmax(logits, 1, dtype=dtype), logits.amax(1, keepdim=True)
    log_probs = (logits.gather(1, answers).to(dtype) - peak.to(dtype)) + probs.amax(1, keepdim=True).log()
    return probs, log_probs


def projection_loss(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Sum -log softmax(weight @ state + bias)[target] over events.

    Args:
        states: (N, H).
        weight: (V, H).
        bias: (V,).
        targets: int64 (N,), each 0 to V - 1.

    Returns:
        A scalar, at least fp32; it can be differentiated once.
    """
    if _half_on_cpu(states):
        from core.neural.ops.half_projection import half_projection_loss  # imports numba

        return half_projection_loss(states, weight, bias, targets)
    total: Tensor = _ProjectionLoss.apply(states, weight, bias, targets)  # type: ignore[no-untyped-call] # torch's own
    return total


def _half_on_cpu(states: Tensor) -> bool:
    """Whether gradients are computed in bfloat16 on a CPU."""
    half = torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16
    return half and states.device.type == "cpu" and torch.is_grad_enabled()


def projection_log_probs(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Natural log-probability of each target; arguments as ``projection_loss`` -> (N,), at least fp32."""
    wide = torch.promote_types(weight.dtype, torch.float32)
    parts = [torch.empty(0, dtype=wide, device=states.device)]
    rows = _rows_of(weight)
    for at in range(0, len(states), rows):
        logits = torch.nn.functional.linear(states[at : at + rows], weight, bias)  # (n, V)
        answers = targets[at : at + rows, None]
        parts.append(torch.log_softmax(logits, 1, dtype=wide).gather(1, answers)[:, 0])  # (n,)
    return torch.cat(parts)
