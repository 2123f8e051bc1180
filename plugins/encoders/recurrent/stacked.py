"""Layers and directions of torch's fused cells as one call of cuDNN, in the precision that the run states.

Under ``torch.autocast`` torch runs cuDNN's recurrences in float16 whatever type is asked for. Here inputs, states
and weights are cast to the type of autocast, which is then switched off around the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from plugins.encoders.recurrent.cells import State

CALLS: dict[str, Callable[..., Any]] = {
    "LSTM": lambda *given: torch._VF.lstm(*given),  # type: ignore[attr-defined] # torch's own
    "GRU": lambda *given: torch._VF.gru(*given),  # type: ignore[attr-defined] # torch's own
    "RNN_TANH": lambda *given: torch._VF.rnn_tanh(*given),  # type: ignore[attr-defined] # torch's own
    "RNN_RELU": lambda *given: torch._VF.rnn_relu(*given),  # type: ignore[attr-defined] # torch's own
}


def is_fused(cell: nn.Module) -> bool:
    """Whether torch has the cell."""
    return isinstance(cell, nn.RNNBase) and getattr(cell, "in_torch", True)


def read_stack(
    cells: Sequence[nn.RNNBase],
    inputs: Tensor,
    first: State,
    dropout: float = 0.0,
    training: bool = False,
    sizes: Tensor | None = None,
) -> tuple[Tensor, State]:
    """Read rows with one layer on the other.

    Args:
        cells: one per layer, from left to right; with ``sizes`` two per layer, the second from right to left.
        inputs: (B, T, D); with ``sizes`` the tokens in the order of ``packing``, (N, D).
        first: the parts of the first states, each (cells, B, part); with ``sizes`` in the order of ``packing``.
        dropout: the share of the numbers between the layers that training sets to zero.
        training: whether the network is trained; cuDNN then keeps what the backward pass needs.
        sizes: the number of rows that have each position, on the host; None for rows that have all positions.

    Returns:
        The states of the inputs (..., H), and the parts of the last states as in ``first``.
    """
    kind, mode = inputs.device.type, cells[0].mode
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else cells[0].weight_ih_l0.dtype
    with torch.autocast(kind, enabled=False):
        weights, parts = _weights(cells, dtype), tuple(part.to(dtype).contiguous() for part in first)
        options = dropout, training
        if sizes is None:
            found = CALLS[mode](inputs.to(dtype), _state(parts), weights, True, len(cells), *options, False, True)
        else:
            found = CALLS[mode](
                inputs.to(dtype), sizes, _state(parts), weights, True, len(cells) // 2, *options, True
            )
        return found[0], tuple(found[1:])


def _state(parts: State) -> Tensor | State:
    """One tensor, or a pair for an LSTM."""
    return parts[0] if len(parts) == 1 else parts


def _weights(cells: Sequence[nn.RNNBase], dtype: torch.dtype) -> list[Tensor]:
    """The weights of all cells in torch's order, as parts of one tensor that has cuDNN's order: matrices first."""
    weights = [weight for cell in cells for weight in cell._flat_weights if isinstance(weight, Tensor)]
    if len(cells) == 1 and weights[0].dtype == dtype:
        return weights  # the module keeps them in one tensor
    order = sorted(range(len(weights)), key=lambda number: -weights[number].dim())
    flat = torch.cat([weights[number].flatten() for number in order]).to(dtype)
    found = dict(zip(order, flat.split([weights[number].numel() for number in order]), strict=True))  # type: ignore[no-untyped-call] # torch's own
    return [found[number].view_as(weight) for number, weight in enumerate(weights)]
