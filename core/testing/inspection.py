"""The check of an encoder that shows its layers (see ``core.neural.inspection.layers``)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from core.neural.base import Encoder
from core.neural.inspection.layers import Inspectable
from core.neural.ops.masking import inside
from core.neural.optional_method import goes_with


def check_inspection(encoder: Encoder, inputs: Tensor, lengths: Tensor) -> None:
    """Shapes, gates from 0 to 1, padding, square matrices, and names that exist.

    Args:
        encoder: in evaluation; one that does not show its layers is not checked.
        inputs: (B, T, input_size).
        lengths: int64 (B,).

    Raises:
        AssertionError: a rule is broken.
    """
    if not isinstance(encoder, Inspectable) or not goes_with(type(encoder), "inspect", "forward"):
        return
    shown = cast(Inspectable, encoder)
    padding = ~inside(lengths, inputs.shape[1])  # (B, T)
    layers = shown.inspect(inputs, lengths)
    others = shown.inspect(inputs.masked_fill(padding[..., None], torch.nan), lengths)
    gates = {name for layer in layers for name in layer.gates}
    for layer, other in zip(layers, others, strict=True):
        for name, values in (layer.states | layer.gates).items():
            where = f"inspect: {name} of {layer.name}"
            assert values.shape[:2] == inputs.shape[:2] and values.dim() == 3, f"{where} is not (B, T, H)"
            again = (other.states | other.gates)[name]
            assert torch.equal(values[~padding], again[~padding]), f"{where} depends on the padding"
            if name in layer.gates:
                assert ((values >= 0) & (values <= 1))[~padding].all(), f"{where} is not between 0 and 1"
    assert not shown.keep or shown.keep in gates, f"inspect: keep is '{shown.keep}', which is not a gate"
    recurrences = shown.recurrences()
    assert [one.name for one in recurrences] == [one.name for one in layers], "recurrences: not those of inspect"
    for weights in recurrences:
        for name, matrix in weights.matrices.items():
            square = matrix.dim() == 2 and matrix.shape[0] == matrix.shape[1]
            assert square, f"recurrences: {name} of {weights.name} is not square"
        assert shown.update in weights.matrices, f"recurrences: update is '{shown.update}', which is no matrix"
