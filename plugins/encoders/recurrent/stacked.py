"""Layers of torch's fused cells as one call, as cuDNN takes them, in the precision that the run states.

Under ``torch.autocast`` torch runs cuDNN's recurrences in float16 whatever type is asked for. Here inputs, states
and weights are cast to the type of autocast, which is then switched off around the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

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
    layers: Sequence[Sequence[nn.RNNBase]],
    inputs: Tensor,
    first: State,
    dropout: float = 0.0,
    training: bool = False,
    lengths: Tensor | None = None,
) -> tuple[Tensor, State]:
    """Read rows with all layers.

    Args:
        layers: the cells of each layer, of one or two directions.
        inputs: (B, T, D).
        first: the parts of the first states, each (layers * directions, B, part).
        dropout: the share of the numbers between the layers that training sets to zero.
        training: whether the network is trained; cuDNN then keeps what the backward pass needs.
        lengths: int64 (B,); with two directions, whose padding must not be read.

    Returns:
        The states (B, T, H), and the parts of the last states as in ``first``.
    """
    cell, kind, directions = layers[0][0], inputs.device.type, len(layers[0])
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else cell.weight_ih_l0.dtype
    with torch.autocast(kind, enabled=False):
        weights = _weights([cell for layer in layers for cell in layer], dtype)
        given, parts = inputs.to(dtype), tuple(part.to(dtype).contiguous() for part in first)
        shape = len(layers), dropout, training, directions == 2
        if lengths is None:
            found = CALLS[cell.mode](given, _state(parts), weights, True, *shape, True)
            return found[0], tuple(found[1:])
        rows = pack_padded_sequence(given, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
        parts = tuple(part[:, rows.sorted_indices] for part in parts)
        found = CALLS[cell.mode](rows.data, rows.batch_sizes, _state(parts), weights, True, *shape)
        packed = PackedSequence(found[0], *rows[1:])
        states, _ = pad_packed_sequence(packed, batch_first=True, total_length=inputs.shape[1])  # (B, T, H)
        return states, tuple(part[:, rows.unsorted_indices] for part in found[1:])


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
