"""Recurrent encoders: stacks of one-way passes, and of pairs of passes in both directions."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from core.neural.contract import Carry, Encoder
from core.neural.masking import cleared, reversed_rows


class Recurrent(Encoder):
    """A stack of recurrent layers; a subclass says which cell, and whether it reads both ways.

    Each layer and direction is one fused call on the padded batch: what stands beyond a row's length comes
    after everything that counts. The backward pass of a two-way layer reads each row turned round within
    its length, which is faster than packing.

    Args:
        input_size: the size of a token's vector.
        causal: as core says; a one-way stack is causal anyway.
        hidden_size: the size of a state, of each direction.
        num_layers: layers, each reading the states of the one below.
        dropout: the share of each state's numbers between layers that training sets to zero.
    """

    cell: ClassVar[type[nn.RNNBase]]
    directions: ClassVar[int] = 1
    pooling: ClassVar[str] = "max"

    def __init__(
        self,
        input_size: int,
        causal: bool,
        *,
        hidden_size: Annotated[int, Gt(0)] = 128,
        num_layers: Annotated[int, Gt(0)] = 1,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(input_size, causal)
        self.hidden_size, self.output_size = hidden_size, hidden_size * self.directions
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            nn.ModuleList(self.cell(size, hidden_size, batch_first=True) for _ in range(self.directions))
            for size in [input_size] + [self.output_size] * (num_layers - 1)
        )
        for cell in (cell for layer in self.layers for cell in layer):
            self.reset(cell)

    def reset(self, cell: nn.RNNBase) -> None:
        """What a kind of cell sets its weights to; torch's own choice unless a subclass knows better."""

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward``; the carry is one tuple of states a layer (none for a two-way stack)."""
        states, carries = cleared(inputs, lengths), []
        for number, layer in enumerate(self.layers):
            if number:
                states = self.dropout(states)
            if self.directions == 2:
                states = torch.cat(self.both_ways(layer, states, lengths), -1)  # (B, T, 2 H)
            else:
                states, after = self.one_way(layer[0], states, None if carry is None else carry[number])
                carries.append(after)
        return states, tuple(carries) or None

    def both_ways(self, layer: nn.ModuleList, states: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The states of both directions: 2 x (B, T, H)."""
        states = cleared(states, lengths)
        ahead, _ = self.one_way(layer[0], states, None)
        back, _ = self.one_way(layer[1], reversed_rows(states, lengths), None)
        return ahead, reversed_rows(back, lengths)

    def one_way(self, cell: nn.RNNBase, states: Tensor, carry: Carry) -> tuple[Tensor, Carry]:
        """One fused pass; carries have the batch first, torch's states the layer."""
        before = None if carry is None else tuple(part[None] for part in carry)
        states, after = cell(states, before)  # (B, T, H), 2 x (1, B, H)
        return states, tuple(part[0] for part in after)

    def last(self, states: Tensor, lengths: Tensor) -> Tensor:
        """The state after the whole row; of two directions, each at its own end."""
        final = super().last(states, lengths)  # (B, output_size)
        if self.directions == 1:
            return final
        first = states[:, 0].masked_fill((lengths == 0)[:, None], 0.0)
        return torch.cat([final[:, : self.hidden_size], first[:, self.hidden_size :]], -1)  # (B, 2 H)


class LSTM(Recurrent):
    """Long short-term memory, left to right (Hochreiter and Schmidhuber, 1997; Gers et al., 2000).

    Args:
        hidden_size: the size of a state.
        num_layers: layers, each reading the states of the one below.
        dropout: the share of each state's numbers between layers that training sets to zero.
    """

    cell = nn.LSTM

    def reset(self, cell: nn.RNNBase) -> None:
        """Torch's uniform weights, and a forget gate that starts open (Gers et al., 2000)."""
        nn.init.zeros_(cell.bias_hh_l0)
        nn.init.zeros_(cell.bias_ih_l0)
        nn.init.ones_(cell.bias_ih_l0[self.hidden_size : 2 * self.hidden_size])


class BiLSTM(LSTM):
    """Long short-term memory in both directions (Graves and Schmidhuber, 2005).

    Args:
        hidden_size: the size of a state, of each direction.
        num_layers: layers, each reading both directions of the one below.
        dropout: the share of each state's numbers between layers that training sets to zero.
    """

    directions = 2
