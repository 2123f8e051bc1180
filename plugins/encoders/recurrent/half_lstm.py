"""An LSTM layer in bfloat16 with hand-written gradients, for a CPU.

oneDNN's own backward pass in bfloat16 hardly uses the matrix unit of the CPU. Here every product does; states and
gates are stored in bfloat16, and cells are computed and kept in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.neural.ops.bfloat16 import bits_of, compiled, exponential, narrowed, widened
from core.types import Float32s, UInt16s

HALF = torch.bfloat16
LARGE = 256  # the hidden size from which this is faster than oneDNN, whose small steps cost less


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
                _step(*arrays, t)
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
            _step_back(*arrays, t)
            torch.mm(d_gates[t], u, out=d_h)
        flat = d_gates.flatten(0, 1)  # (T * B, 4 H)
        d_x = (flat @ w).view(x.shape).to(ctx.types[0])
        d_w, d_u = (flat.t() @ given.flatten(0, 1) for given in (x, states[:-1]))
        return d_x, d_h.to(ctx.types[1]), d_cell, d_w.float(), d_u.float(), flat.sum(0, dtype=torch.float32)


@compiled
def _sigmoid(number: float) -> float:
    return np.float32(1) / (np.float32(1) + exponential(-number))


@compiled
def _tanh(number: float) -> float:
    return np.float32(1) - np.float32(2) / (np.float32(1) + exponential(np.float32(2) * number))


@compiled
def _step(gates: UInt16s, states: UInt16s, cells: Float32s, t: int) -> None:
    """Replace the arguments of the gates of step t by their values, and write the cell and the state after it."""
    size = cells.shape[2]
    for row in range(cells.shape[1]):
        gate, before, after, state = gates[t, row], cells[t, row], cells[t + 1, row], states[t + 1, row]
        i, f, g, o = gate[:size], gate[size : 2 * size], gate[2 * size : 3 * size], gate[3 * size :]
        for k in range(size):
            enter, keep, leave = _sigmoid(widened(i[k])), _sigmoid(widened(f[k])), _sigmoid(widened(o[k]))
            new = _tanh(widened(g[k]))
            after[k] = keep * before[k] + enter * new
            state[k] = narrowed(leave * _tanh(after[k]))
            i[k], f[k], g[k], o[k] = narrowed(enter), narrowed(keep), narrowed(new), narrowed(leave)


@compiled
def _step_back(
    gates: UInt16s, cells: Float32s, d_states: Float32s, d_cell: Float32s, d_gates: UInt16s, d_h: UInt16s, t: int
) -> None:
    """Write the gradients of the gates' arguments of step t, and go on to the gradient of the cell before it."""
    size, one = cells.shape[2], np.float32(1)
    for row in range(cells.shape[1]):
        gate, before, after, out = gates[t, row], cells[t, row], cells[t + 1, row], d_gates[t, row]
        i, f, g, o = gate[:size], gate[size : 2 * size], gate[2 * size : 3 * size], gate[3 * size :]
        d_i, d_f, d_g, d_o = out[:size], out[size : 2 * size], out[2 * size : 3 * size], out[3 * size :]
        given, later, d_c = d_states[t, row], d_h[row], d_cell[row]
        for k in range(size):
            enter, keep, new, leave = widened(i[k]), widened(f[k]), widened(g[k]), widened(o[k])
            shown, d_state = _tanh(after[k]), given[k] + widened(later[k])
            d_now = d_c[k] + d_state * leave * (one - shown * shown)
            d_i[k] = narrowed(d_now * new * enter * (one - enter))
            d_f[k] = narrowed(d_now * before[k] * keep * (one - keep))
            d_g[k] = narrowed(d_now * enter * (one - new * new))
            d_o[k] = narrowed(d_state * shown * leave * (one - leave))
            d_c[k] = d_now * keep


class FastLSTM(nn.LSTM):
    """``torch.nn.LSTM`` of one layer in one direction, batch first; by hand in bfloat16 on a CPU."""

    @property
    def by_hand(self) -> bool:
        """Whether the pass by hand is faster."""
        return self.hidden_size >= LARGE and not self.proj_size and torch.is_autocast_enabled("cpu")

    def forward(self, inputs: Tensor, first: Any = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:  # type: ignore[override] # no packed rows
        """States (B, T, H) and the last h and c (1, B, H), from inputs (B, T, D) and the first h and c."""
        if inputs.device.type != "cpu" or not self.by_hand:
            result: tuple[Tensor, tuple[Tensor, Tensor]] = super().forward(inputs, first)
            return result
        if first is None:
            first = (inputs.new_zeros(1, len(inputs), self.hidden_size),) * 2
        before = first[0][0], first[1][0].float()  # (B, H) each
        weights = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0 + self.bias_hh_l0
        states, cell = _HalfLSTM.apply(inputs.transpose(0, 1), *before, *weights)  # type: ignore[no-untyped-call] # torch's own
        return states.transpose(0, 1), (states[-1:], cell[None])
