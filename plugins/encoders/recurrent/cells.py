"""Recurrent cells as plain loops over time, for options that torch's fused kernels do not support."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from plugins.encoders.recurrent.norms import Norm, Step, make_norm, steps_of

State = tuple[Tensor, ...]
Activation = Literal["tanh", "relu", "sigmoid", "identity"]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "identity": lambda values: values,
}


class Loop(nn.Module):
    """One layer in one direction, step by step; subclasses define the step.

    The inputs are multiplied by their weights before the loop, all steps at once.

    Args:
        fused: torch's module, whose weights the loop takes over under the same names.
        norm: the normalisation in the recurrence.
    """

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor
    weight_hr_l0: Tensor  # of an LSTM with a projection
    part_names: ClassVar[tuple[str, ...]] = ("h",)
    gate_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, fused: nn.RNNBase, norm: Norm) -> None:
        super().__init__()
        for name, weight in fused.named_parameters():
            self.register_parameter(name, weight)
        self.hidden_size = fused.hidden_size
        self.parts: tuple[int, ...] = (fused.hidden_size,)  # the sizes of the state's tensors, the output first
        self.counts = norm == "batch"  # its statistics depend on the position, so the carry holds it

    def forward(self, inputs: Tensor, lengths: Tensor, carry: State | None) -> tuple[Tensor, State]:
        """The states and the carry.

        Args:
            inputs: (B, T, D), also finite beyond the lengths.
            lengths: int64 (B,).
            carry: the parts of the previous state, each (B, part), then, with batch norm, the number of tokens
                read before, int64 (B,); None for zeros.

        Returns:
            (B, T, H), and the carry after T.
        """
        state, read = self.start(inputs, carry)
        steps = steps_of(lengths, read, inputs.shape[1], self.weight_hh_l0)
        outputs = []
        for x, step in zip(linear(inputs, self.weight_ih_l0).unbind(1), steps, strict=True):  # T x (B, gates)
            state = self.step(x, state, step)
            outputs.append(state[0])
        after = (*state, read + inputs.shape[1]) if self.counts else state
        return torch.stack(outputs, 1), after  # (B, T, H), parts x (B, part)

    def start(self, inputs: Tensor, carry: State | None) -> tuple[State, Tensor]:
        """The state before the first step, and the number of tokens read before: int64 (B,)."""
        if carry is None:
            carry = tuple(inputs.new_zeros(len(inputs), size) for size in self.parts)
        state, read = carry[: len(self.parts)], carry[len(self.parts) :]
        return state, read[0] if read else torch.zeros(len(inputs), dtype=torch.int64, device=inputs.device)

    def step(self, x: Tensor, state: State, step: Step) -> State:
        """The state after one token; see ``gated``."""
        return self.gated(x, state, step)[0]

    def gated(self, x: Tensor, state: State, step: Step) -> tuple[State, State]:
        """The state after one token, and the gates.

        Args:
            x: (B, gates * hidden_size), the product of the input weights and the token's vector.
            state: the parts of the previous state.
            step: the current step.

        Returns:
            The parts of the state, and the gates in the order of ``gate_names``, each (B, H) and from 0 to 1.
        """
        raise NotImplementedError

    def trace(self, inputs: Tensor, lengths: Tensor, carry: State | None) -> tuple[list[Tensor], list[Tensor]]:
        """All parts of the state and all gates after each token, each (B, T, part); as ``forward``."""
        state, read = self.start(inputs, carry)
        steps = steps_of(lengths, read, inputs.shape[1], self.weight_hh_l0)
        states, gates = [], []
        for x, step in zip(linear(inputs, self.weight_ih_l0).unbind(1), steps, strict=True):  # T x (B, gates)
            state, found = self.gated(x, state, step)
            states.append(state)
            gates.append(found)
        parts, opened = (map(list, zip(*each, strict=True)) for each in (states, gates))
        return [torch.stack(part, 1) for part in parts], [torch.stack(part, 1) for part in opened]


class RNNLoop(Loop):
    """h = f(W x + U h + b) (Elman, 1990); layer norm applies to the sum (Ba et al., 2016, eq. 4).

    Args:
        fused: torch's module.
        norm: the normalisation; batch norm applies to W x and to U h separately.
        activation: f.
    """

    def __init__(self, fused: nn.RNNBase, norm: Norm, activation: Activation) -> None:
        super().__init__(fused, norm)
        self.activation = ACTIVATIONS[activation]
        each: Norm = "batch" if norm == "batch" else "none"
        self.input_norm, self.state_norm = (make_norm(each, self.hidden_size) for _ in range(2))
        self.sum_norm = make_norm("layer", self.hidden_size) if norm == "layer" else None

    def gated(self, x: Tensor, state: State, step: Step) -> tuple[State, State]:
        """See ``Loop.gated``."""
        product = linear(state[0], self.weight_hh_l0)  # (B, H)
        if self.sum_norm is not None:
            found = self.sum_norm(x + product, self.bias_ih_l0 + self.bias_hh_l0, step)
        else:
            found = self.input_norm(x, self.bias_ih_l0, step) + self.state_norm(product, self.bias_hh_l0, step)
        return (self.activation(found),), ()


class LSTMLoop(Loop):
    """c = f c + i g and h = o tanh(c), where the gates i, f, g, o are one product of x and one of h.

    Norms apply to W x, to U h and to the c inside the last tanh (Ba et al., 2016, eq. 20 to 22; Cooijmans
    et al., 2016, eq. 6 to 8).

    Args:
        fused: torch's module.
        norm: the normalisation.
    """

    part_names = ("h", "c")
    gate_names = ("i", "f", "o")

    def __init__(self, fused: nn.RNNBase, norm: Norm) -> None:
        super().__init__(fused, norm)
        size = fused.hidden_size
        self.parts = (fused.proj_size or size, size)
        self.projects = fused.proj_size > 0
        self.input_norm, self.state_norm = make_norm(norm, 4 * size), make_norm(norm, 4 * size)
        self.cell_norm = None if norm == "none" else make_norm(norm, size)
        self.cell_shift = None if norm == "none" else nn.Parameter(torch.zeros(size))

    def gated(self, x: Tensor, state: State, step: Step) -> tuple[State, State]:
        """See ``Loop.gated``."""
        h, c = state
        product = linear(h, self.weight_hh_l0)  # (B, 4 H)
        gates = self.input_norm(x, self.bias_ih_l0, step) + self.state_norm(product, self.bias_hh_l0, step)
        i, f, g, o = gates.chunk(4, -1)  # 4 x (B, H)
        i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
        c = f * c + i * g.tanh()
        normed = c if self.cell_norm is None else self.cell_norm(c, self.cell_shift, step)
        h = o * normed.tanh()
        return (linear(h, self.weight_hr_l0) if self.projects else h, c), (i, f, o)  # (B, P), (B, H); (B, H) each


class GRULoop(Loop):
    """h = (1 - z) n + z h with n = tanh(W x + U (r h)), or tanh(W x + r (U h)) with ``reset_after``.

    Norms apply to W x and to U h, separately for the gates r and z and for n (Ba et al., 2016, eq. 23 to 25).

    Args:
        fused: torch's module.
        norm: the normalisation.
        reset_after: whether r multiplies the product with U, or h before the product.
    """

    gate_names = ("r", "z")

    def __init__(self, fused: nn.RNNBase, norm: Norm, reset_after: bool) -> None:
        super().__init__(fused, norm)
        self.reset_after = reset_after
        size = self.hidden_size
        self.sizes = [2 * size, size]  # of the gates r and z, and of n
        self.input_norms = nn.ModuleList(make_norm(norm, part) for part in self.sizes)
        self.state_norms = nn.ModuleList(make_norm(norm, part) for part in self.sizes)

    def gated(self, x: Tensor, state: State, step: Step) -> tuple[State, State]:
        """See ``Loop.gated``."""
        (h,) = state
        gate_x, new_x = torch.split(x, self.sizes, -1)  # (B, 2 H), (B, H)
        gate_weight, new_weight = torch.split(self.weight_hh_l0, self.sizes)
        gate_bias, new_bias = torch.split(self.bias_ih_l0, self.sizes)
        gate_shift, new_shift = torch.split(self.bias_hh_l0, self.sizes)
        product = self.state_norms[0](linear(h, gate_weight), gate_shift, step)  # (B, 2 H)
        r, z = (self.input_norms[0](gate_x, gate_bias, step) + product).sigmoid().chunk(2, -1)  # 2 x (B, H)
        product = self.state_norms[1](linear(h if self.reset_after else r * h, new_weight), new_shift, step)
        new = (self.input_norms[1](new_x, new_bias, step) + (r * product if self.reset_after else product)).tanh()
        return (new + z * (h - new),), (r, z)
