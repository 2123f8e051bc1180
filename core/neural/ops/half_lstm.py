"""An LSTM layer in bfloat16 with hand-written gradients, for a CPU.

oneDNN's own backward pass in bfloat16 hardly uses the matrix unit of the CPU. Here every product does; states and
gates are stored in bfloat16, and cells are computed and kept in float32.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.neural.ops.half_projection import bits_of
from core.neural.ops.kernels import lstm_step, lstm_step_back

HALF = torch.bfloat16


class _HalfLSTM(torch.autograd.Function):
    """The states (T, B, H) in bfloat16 and the last cell (B, H) in float32.

    With W x_t + U h_(t-1) + b = (i', f', g', o'): i, f, o = s(i', f', o'), g = tanh(g'),
    c_t = f c_(t-1) + i g, h_t = o tanh(c_t).
    """

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, first: Tensor, cell: Tensor, w: Tensor, u: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor]:
        steps, batch, hidden = len(inputs), len(first), u.shape[1]
        with torch.autocast("cpu", enabled=False):
            x, w, u = inputs.to(HALF).contiguous(), w.to(HALF), u.to(HALF)  # (T, B, D), (4 H, D), (4 H, H)
            gates = torch.addmm(bias.to(HALF), x.flatten(0, 1), w.t()).view(steps, batch, -1)  # (T, B, 4 H)
            states = torch.empty(steps + 1, batch, hidden, dtype=HALF)
            cells = torch.empty(steps + 1, batch, hidden)
            states[0], cells[0], transposed = first, cell, u.t()
            arrays = bits_of(gates), bits_of(states), cells.numpy()
            for t, products in enumerate(gates.unbind()):
                products.addmm_(states[t], transposed)
                lstm_step(*arrays, t)
        ctx.save_for_backward(x, w, u, gates, states, cells)
        ctx.types = inputs.dtype, first.dtype
        return states[1:], cells[-1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        x, w, u, gates, states, cells = ctx.saved_tensors
        d_states, d_cell = grads[0].float().contiguous(), grads[1].clone()
        d_gates, d_h = torch.empty_like(gates), torch.zeros_like(states[0])
        arrays = bits_of(gates), cells.numpy(), d_states.numpy(), d_cell.numpy(), bits_of(d_gates), bits_of(d_h)
        for t in reversed(range(len(gates))):
            lstm_step_back(*arrays, t)
            torch.mm(d_gates[t], u, out=d_h)
        flat = d_gates.flatten(0, 1)  # (T * B, 4 H)
        d_x = (flat @ w).view(x.shape).to(ctx.types[0])
        d_w, d_u = (flat.t() @ given.flatten(0, 1) for given in (x, states[:-1]))
        return d_x, d_h.to(ctx.types[1]), d_cell, d_w.float(), d_u.float(), flat.sum(0, dtype=torch.float32)


def half_lstm(
    inputs: Tensor, first: Tensor, cell: Tensor, w: Tensor, u: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """The states (T, B, H) in bfloat16 and the last cell (B, H) in float32.

    Args:
        inputs: (T, B, D).
        first: h before the first token, (B, H).
        cell: c before the first token, float32 (B, H).
        w: (4 H, D), for the inputs.
        u: (4 H, H), for the states.
        bias: (4 H,), the sum of both.
    """
    result: tuple[Tensor, Tensor] = _HalfLSTM.apply(inputs, first, cell, w, u, bias)  # type: ignore[no-untyped-call] # torch's own
    return result


def compile_lstm() -> None:
    """Compile what ``half_lstm`` uses."""
    weight, state = torch.zeros(8, 2, requires_grad=True), torch.zeros(2, 2)
    states, _ = half_lstm(torch.zeros(2, 2, 2), state, state, weight, weight, torch.zeros(8))
    states.sum().backward()  # type: ignore[no-untyped-call] # torch's own
