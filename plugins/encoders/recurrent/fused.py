"""Simple RNN and GRU layers with hand-written gradients: faster on a CPU than torch's modules.

On a CPU torch's autograd records every operation of every step. Here a step is a few operations on preallocated
memory; in the backward pass only the gradient of the state is computed step by step, and the gradients of the
weights and the inputs are one product each over all steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from plugins.encoders.recurrent.cells import Activation

LARGE = 256  # the hidden size from which an LSTM in bfloat16 is faster by hand than in oneDNN
APPLY: dict[str, Callable[[Tensor], Tensor]] = {  # in place
    "tanh": torch.tanh_,
    "relu": torch.relu_,
    "sigmoid": torch.sigmoid_,
    "identity": lambda sums: sums,
}
SLOPE: dict[str, Callable[[Tensor], Tensor]] = {  # the derivative, from the value of the activation
    "tanh": lambda states: 1 - states * states,
    "relu": lambda states: (states > 0).to(states.dtype),
    "sigmoid": lambda states: states * (1 - states),
    "identity": torch.ones_like,
}


class _RNNPass(torch.autograd.Function):
    """h_t = f(x_t + U h_(t-1)), with an activation f whose derivative is a function of its value."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, first: Tensor, weight: Tensor, activation: str) -> Tensor:
        states = torch.empty_like(x)  # (T, B, H)
        transposed, h, apply = weight.t().contiguous(), first, APPLY[activation]
        for given, out in zip(x.unbind(), states.unbind(), strict=True):
            torch.addmm(given, h, transposed, out=out)
            h = apply(out)
        ctx.save_for_backward(states, first, weight)
        ctx.activation = activation
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        states, first, weight = ctx.saved_tensors
        d_x, d_h, slope = torch.empty_like(states), torch.zeros_like(first), SLOPE[ctx.activation](states)
        for given, f, out in zip(*(part.unbind()[::-1] for part in (grads[0], slope, d_x)), strict=True):
            torch.mul(d_h.add_(given), f, out=out)
            d_h = torch.mm(out, weight, out=d_h)
        return d_x, d_h, _by_weight(d_x, states, first), None


class _GRUPass(torch.autograd.Function):
    """Cho et al. (2014) with the reset gate after the product, as in cuDNN.

    With x_t = (x^r, x^z, x^n) and U h + b = (u^r, u^z, u^n): r = s(x^r + u^r), z = s(x^z + u^z),
    n = tanh(x^n + r u^n), h_t = n + z (h_(t-1) - n).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, first: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        size = first.shape[1]
        products, gates = torch.empty_like(x), torch.empty_like(x[..., : 2 * size])  # (T, B, 3 H), (T, B, 2 H)
        new, states = torch.empty_like(x[..., :size]), torch.empty_like(x[..., :size])  # 2 x (T, B, H)
        x_gates, x_new = x.split([2 * size, size], -1)
        u_gates, u_new = products.split([2 * size, size], -1)
        parts = products, x_gates, u_gates, gates, gates[..., :size], gates[..., size:], x_new, u_new, new, states
        transposed, h = weight.t().contiguous(), first
        for product, x_g, u_g, gate, r, z, x_n, u_n, n, out in zip(*(p.unbind() for p in parts), strict=True):
            torch.addmm(bias, h, transposed, out=product)
            torch.add(x_g, u_g, out=gate).sigmoid_()
            torch.addcmul(x_n, r, u_n, out=n).tanh_()
            h = torch.lerp(n, h, z, out=out)
        ctx.save_for_backward(states, gates, new, u_new, first, weight)
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        states, gates, new, u_new, first, weight = ctx.saved_tensors
        r, z = gates.chunk(2, -1)  # 2 x (T, B, H)
        before = torch.cat([first[None], states[:-1]])  # (T, B, H)
        by_new = (1 - z) * (1 - new * new)  # the derivative of h_t by the argument of tanh
        slopes = torch.stack([by_new * u_new * r * (1 - r), (before - new) * z * (1 - z), by_new * r], 2)
        d_u, d_h, d_hs = torch.empty_like(slopes), torch.zeros_like(first), torch.empty_like(states)
        flat = d_u.flatten(2)  # (T, B, 3 H)
        parts = grads[0], slopes, z, d_hs, d_u, flat
        for given, slope, keep, d_state, out, row in zip(*(p.unbind()[::-1] for p in parts), strict=True):
            torch.add(d_h, given, out=d_state)
            torch.mul(d_state[:, None], slope, out=out)
            torch.addmm(torch.mul(d_state, keep, out=d_h), row, weight, out=d_h)
        d_x = torch.cat([flat[..., : 2 * first.shape[1]], d_hs * by_new], -1)  # (T, B, 3 H)
        return d_x, d_h, _by_weight(flat, states, first), flat.sum((0, 1))


def _by_weight(d_product: Tensor, states: Tensor, first: Tensor) -> Tensor:
    """The gradient of U from all products U h_(t-1): (T, B, G), (T, B, H), (B, H) -> (G, H)."""
    later = d_product[1:].flatten(0, 1).t() @ states[:-1].flatten(0, 1)  # (G, H)
    return later.addmm_(d_product[0].t(), first)


class FastRNN(nn.RNN):
    """``torch.nn.RNN`` of one layer in one direction, batch first; ``_RNNPass`` where torch is slow or lacks f.

    Args:
        input_size: the size of an input.
        hidden_size: the size of a state.
        activation: f; torch only has tanh and relu.
    """

    def __init__(self, input_size: int, hidden_size: int, activation: Activation) -> None:
        self.in_torch = activation in ("tanh", "relu")
        nonlinearity = activation if self.in_torch else "tanh"
        super().__init__(input_size, hidden_size, nonlinearity=nonlinearity, batch_first=True)
        self.activation = activation

    def forward(self, inputs: Tensor, first: Tensor | None = None) -> tuple[Tensor, Tensor]:  # type: ignore[override] # no packed rows
        """States (B, T, H) and the last (1, B, H), from inputs (B, T, D) and the initial state (1, B, H)."""
        if inputs.device.type != "cpu" and self.in_torch:
            result: tuple[Tensor, Tensor] = super().forward(inputs, first)
            return result
        x, first = _products(self, inputs, self.bias_ih_l0 + self.bias_hh_l0, first)
        states = _RNNPass.apply(x, first, self.weight_hh_l0, self.activation)  # type: ignore[no-untyped-call] # torch's own
        return states.transpose(0, 1), states[-1:]


class FastGRU(nn.GRU):
    """``torch.nn.GRU`` of one layer in one direction, batch first; ``_GRUPass`` on a CPU."""

    def forward(self, inputs: Tensor, first: Tensor | None = None) -> tuple[Tensor, Tensor]:  # type: ignore[override] # no packed rows
        """States (B, T, H) and the last (1, B, H), from inputs (B, T, D) and the initial state (1, B, H)."""
        if inputs.device.type != "cpu":
            result: tuple[Tensor, Tensor] = super().forward(inputs, first)
            return result
        x, first = _products(self, inputs, self.bias_ih_l0, first)
        states = _GRUPass.apply(x, first, self.weight_hh_l0, self.bias_hh_l0)  # type: ignore[no-untyped-call] # torch's own
        return states.transpose(0, 1), states[-1:]


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
        from core.neural.ops.half_lstm import half_lstm  # imports numba

        if first is None:
            first = (inputs.new_zeros(1, len(inputs), self.hidden_size),) * 2
        before = first[0][0], first[1][0].float()  # (B, H) each
        weights = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0 + self.bias_hh_l0
        states, cell = half_lstm(inputs.transpose(0, 1), *before, *weights)
        return states.transpose(0, 1), (states[-1:], cell[None])


def _products(cell: nn.RNNBase, inputs: Tensor, bias: Tensor, first: Tensor | None) -> tuple[Tensor, Tensor]:
    """The products of inputs and weights (T, B, G), in the weights' precision, and the initial state (B, H)."""
    x = linear(inputs.transpose(0, 1), cell.weight_ih_l0, bias).to(cell.weight_hh_l0.dtype)
    return x, x.new_zeros(x.shape[1], cell.hidden_size) if first is None else first[0].to(x.dtype)
