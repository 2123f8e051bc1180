"""Convolutions over the tokens: n-gram detectors (Kim, 2014) and deep stacks of them (Bai et al., 2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Gt, Lt, MinLen
from torch import Tensor, nn

from core.config.space import Search, Size
from core.model.interface import FilterActivation
from core.neural.base import Carry, Encoder
from core.neural.ops.dropout import Dropout
from core.neural.ops.masking import cleared, inside
from plugins.encoders.cnn.shifted import convolve

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "gelu": nn.functional.gelu,
    "gated": nn.functional.glu,
}
Activation = Literal["relu", "tanh", "gelu", "gated"]
WIDTHS = ((2, 3, 4), (3, 4, 5), (2, 3, 4, 5), (3,), (5,))  # what a search tries


class Convolution(nn.Module):
    """Filters of several widths: c_t = f(w . x_(t-l : t+r) + b) with l + r + 1 tokens (Kim, 2014, eq. 2).

    A causal window ends at its position, any other is centred on it; a centred window of even width reaches one
    token further to the left than to the right. Positions outside the row are zeros.

    Args:
        input_size: the size of a token's vector.
        channels: filters of each width.
        widths: tokens that a filter spans.
        dilation: the distance between the tokens of a window.
        causal: whether windows end at their position.
        activation: f; ``gated`` is a * sigmoid(b) of two linear maps (Dauphin et al., 2017, eq. 1).
    """

    def __init__(
        self, input_size: int, channels: int, widths: Sequence[int], dilation: int, causal: bool, activation: str
    ) -> None:
        super().__init__()
        self.input_size, self.dilation, self.activation = input_size, dilation, ACTIVATIONS[activation]
        self.sides = [(width - 1, 0) if causal else (width // 2, (width - 1) // 2) for width in widths]
        self.left, self.right = (max(side) for side in zip(*self.sides, strict=True))
        self.taps = [[i * dilation for i in range(-left, right + 1)] for left, right in self.sides]
        maps = 2 if activation == "gated" else 1
        self.filters = nn.ModuleList(nn.Linear(width * input_size, maps * channels) for width in widths)

    def forward(self, inputs: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """The filtered tokens, and the last inputs, which the next chunk needs.

        Args:
            inputs: (B, T, input_size), zeros beyond the length of each row.
            before: (B, left * dilation, input_size), the inputs before these; None if there are none.

        Returns:
            (B, T, channels * len(widths)), and (B, left * dilation, input_size).
        """
        steps, reach = inputs.shape[1], self.left * self.dilation
        if before is not None:
            inputs = torch.cat([before.to(inputs.dtype), inputs], 1)  # (B, reach + T, D)
        weights, biases = zip(*((linear.weight, linear.bias) for linear in self.filters), strict=True)
        found = convolve(inputs, self.taps, weights, biases, inputs.shape[1] - steps)  # (B, T, maps * H)
        states = self.activation(found.unflatten(-1, (len(self.filters), -1))).flatten(-2)  # (B, T, H)
        short = max(0, reach - inputs.shape[1])
        return states, nn.functional.pad(inputs, (0, 0, short, 0))[:, inputs.shape[1] + short - reach :]


class CNN(Encoder):
    """Layers of convolutions with one state per position.

    One layer of widths 2, 3 and 4 with max pooling is the model of Kim (2014). ``dilated`` doubles the distance
    between the tokens of a window from layer to layer; with ``residual`` this is the temporal convolutional
    network of Bai et al. (2018) with one convolution per block and no weight normalisation, whose causal state
    sees 1 + (width - 1) (2^num_layers - 1) tokens.

    Args:
        input_size: the size of a token's vector.
        causal: whether a state does not depend on later tokens.
        widths: the number of tokens that the filters span; one set of filters per width.
        channels: filters per width.
        num_layers: the number of layers; each reads the states of the layer below.
        activation: the activation function; gated is one linear map times the sigmoid of another.
        residual: whether each layer adds its input to its output, through a linear map if the sizes differ.
        dilated: whether layer k, counted from 0, reads every 2^k-th token.
        dropout: the dropout rate between layers.
    """

    pooling: ClassVar[str] = "max"

    def __init__(
        self,
        input_size: int,
        causal: bool,
        *,
        widths: Annotated[tuple[Annotated[int, Gt(0)], ...], MinLen(1), Search(choices=WIDTHS)] = (2, 3, 4),
        channels: Annotated[int, Gt(0), Size(), Search(25, 300, log=True)] = 100,
        num_layers: Annotated[int, Gt(0), Search(choices=(1, 2, 3))] = 1,
        activation: Annotated[Activation, Search(choices=("relu", "gated"))] = "relu",
        residual: bool = False,
        dilated: bool = False,
        dropout: Annotated[float, Ge(0), Lt(1), Search(0.0, 0.6, when=("num_layers", (2, 3)))] = 0.0,
    ) -> None:
        super().__init__(input_size, causal)
        self.channels, self.output_size = channels, channels * len(widths)
        sizes = [input_size] + [self.output_size] * (num_layers - 1)
        layers = [
            Convolution(size, channels, widths, 2**number if dilated else 1, causal, activation)
            for number, size in enumerate(sizes)
        ]
        self.reach = _reach(layers)
        self.layers = nn.ModuleList(layers)
        self.skips = nn.ModuleList(self._skip(size) for size in sizes) if residual else None
        self.dropout = Dropout(dropout)

    def _skip(self, size: int) -> nn.Module:
        same = size == self.output_size
        return nn.Identity() if same else nn.Linear(size, self.output_size, bias=False)

    @property
    def receptive_field(self) -> tuple[int, int]:
        """See ``Encoder.receptive_field``: that of the widest filters on each side."""
        left, right = zip(*self.reach, strict=True)
        return max(left), max(right)

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward``; the carry is the last inputs of each layer."""
        states, carries = inputs, []
        for number, layer in enumerate(self.layers):
            states = cleared(states, lengths)
            inputs = self.dropout(states) if number else states
            outputs, after = layer(inputs, None if carry is None else carry[number])  # (B, T, H)
            states = outputs if self.skips is None else self.skips[number](states) + outputs
            carries.append(after)
        return states, tuple(carries) if self.causal else None

    def explain(self, inputs: Tensor, lengths: Tensor, top: int = 5) -> list[list[FilterActivation]]:
        """See ``Encoder.explain``: the filters of the last layer with the highest maximum over the row."""
        states, _ = self(inputs, lengths)
        states = states.masked_fill(~inside(lengths, states.shape[1])[..., None], -torch.inf)  # (B, T, H)
        values, at = states.max(1)  # (B, H)
        best, units = values.topk(min(top, self.output_size), -1)  # (B, top)
        rows = zip(lengths.tolist(), units.tolist(), at.gather(1, units).tolist(), best.tolist(), strict=True)
        return [
            [self._activation(*one, length) for one in zip(unit, place, value, strict=True)] if length else []
            for length, unit, place, value in rows
        ]

    def _activation(self, unit: int, place: int, value: float, length: int) -> FilterActivation:
        kind, number = divmod(unit, self.channels)
        left, right = self.reach[kind]
        start, end = max(0, place - left), min(length, place + right + 1)
        return FilterActivation(left + 1 + right, number, start, end, value)


def _reach(layers: Sequence[Convolution]) -> list[tuple[int, int]]:
    """The number of tokens that a filter of each width of the last layer sees on its left and on its right."""
    *below, last = layers
    left = sum(layer.left * layer.dilation for layer in below)
    right = sum(layer.right * layer.dilation for layer in below)
    return [(left + side[0] * last.dilation, right + side[1] * last.dilation) for side in last.sides]
