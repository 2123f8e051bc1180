"""The states and gates of recurrent layers, computed from their weights step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.neural.inspection.layers import LayerStates, LayerWeights
from core.neural.ops.masking import cleared, reversed_rows
from plugins.encoders.recurrent.cells import GRULoop, Loop, LSTMLoop, RNNLoop, State
from plugins.encoders.recurrent.fused import FastRNN

DIRECTIONS = {1: ("",), 2: ("left to right", "right to left")}
BLOCKS = {1: ("h",), 3: ("r", "z", "n"), 4: ("i", "f", "g", "o")}  # of the recurrent matrix, by their number


def as_loop(cell: nn.Module) -> Loop:
    """A layer as a loop over time with the same weights."""
    if isinstance(cell, nn.LSTM):
        return LSTMLoop(cell, "none")
    if isinstance(cell, nn.GRU):
        return GRULoop(cell, "none", reset_after=True)
    if isinstance(cell, FastRNN):
        return RNNLoop(cell, "none", cell.activation)
    assert isinstance(cell, Loop)
    return cell


def inspect_layers(
    layers: Sequence[Any],
    inputs: Tensor,
    lengths: Tensor,
    start: Callable[[int, int, Tensor], State | None],
    residual: bool,
) -> list[LayerStates]:
    """The states and gates of all layers, from the input on.

    Args:
        layers: each a sequence of its cells, one or two.
        inputs: (B, T, D).
        lengths: int64 (B,).
        start: layer, direction and inputs -> the state before the first token.
        residual: whether a layer adds its input to its states.
    """
    below, found = cleared(inputs, lengths), list[LayerStates]()  # (B, T, D)
    for number, cells in enumerate(layers):
        outputs = []
        for direction, name in enumerate(DIRECTIONS[len(cells)]):
            loop = as_loop(cells[direction])
            given = reversed_rows(below, lengths) if direction else below
            parts, gates = loop.trace(given, lengths, start(number, direction, below))
            if direction:
                parts, gates = ([reversed_rows(one, lengths) for one in each] for each in (parts, gates))
            outputs.append(parts[0])
            states = dict(zip(loop.part_names, parts, strict=True))
            found.append(LayerStates(number + 1, name, states, dict(zip(loop.gate_names, gates, strict=True))))
        above = cleared(torch.cat(outputs, -1), lengths)  # (B, T, directions H)
        below = above + below if residual and above.shape == below.shape else above
    return found


def recurrent_matrices(layers: Sequence[Any]) -> list[LayerWeights]:
    """The recurrent matrices of all layers; a projection is multiplied in, so that each is square."""
    found = []
    for number, cells in enumerate(layers):
        for cell, direction in zip(cells, DIRECTIONS[len(cells)], strict=True):
            loop = as_loop(cell)
            weight = loop.weight_hh_l0  # (gates H, H), or (gates H, P)
            if isinstance(loop, LSTMLoop) and loop.projects:
                weight = weight @ loop.weight_hr_l0  # (gates H, H)
            blocks = weight.split(loop.hidden_size)
            matrices = dict(zip(BLOCKS[len(blocks)], blocks, strict=True))
            found.append(LayerWeights(number + 1, direction, matrices))
    return found
