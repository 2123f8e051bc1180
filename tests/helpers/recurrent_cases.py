"""Small recurrent encoders and inputs, and torch modules with the same weights."""

from __future__ import annotations

import torch
from torch import nn

LENGTHS = torch.tensor([6, 0, 1, 4])
INSIDE = (torch.arange(6) < LENGTHS[:, None])[..., None]


def inputs_of(rows=4, steps=6, width=3, seed=0):
    return torch.randn(rows, steps, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def encoder_of(make, **options):
    torch.manual_seed(0)
    encoder = make(3, make.directions == 1, **{"hidden_size": 4} | options).double().eval()
    with torch.no_grad():
        for parameter in encoder.parameters():  # biases, gains and first states too
            parameter.add_(0.3 * torch.randn_like(parameter))
    return encoder


def torch_stack(encoder, kind, **options):
    """A torch module of all layers and directions with the weights of an encoder."""
    layers, both = len(encoder.layers), encoder.directions == 2
    stack = kind(3, 4, num_layers=layers, bidirectional=both, batch_first=True, **options).double()
    with torch.no_grad():
        for number, layer in enumerate(encoder.layers):
            for cell, end in zip(layer, ("", "_reverse"), strict=False):
                for name, weight in cell.named_parameters():
                    getattr(stack, f"{name[:-1]}{number}{end}").copy_(weight)
    return stack


def finals(encoder, row):
    """The states of one row (T, D), and the final state of each layer and direction."""
    states, found, length = row[None], [], torch.tensor([len(row)])
    for number in range(len(encoder.layers)):
        ahead, after = encoder.one_way(number, 0, states, length)
        passes, found = [ahead], [*found, after]
        if encoder.directions == 2:
            back, after = encoder.one_way(number, 1, states.flip(1), length)
            passes, found = [ahead, back.flip(1)], [*found, after]
        states = torch.cat(passes, -1)
    return states[0], found


def packed(stack, inputs, lengths):
    """The states of a packed batch in torch, and its final states as a tuple."""
    rows = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    states, after = stack(rows)
    states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
    return states, after if isinstance(after, tuple) else (after,)
