"""The word vectors themselves: the lower bound for every encoder that reads context."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import Tensor, nn

from core.config.space import Search
from core.neural.base import Carry, Encoder
from core.neural.ops.masking import cleared


class Bag(Encoder):
    """No weights: the state of a token is its vector; for kind ``next`` it is the mean of the last vectors.

    Under mean pooling a row is represented by its bag of vectors, as in the continuous bag of words (Mikolov et
    al., 2013).

    Args:
        input_size: the size of a token's vector.
        causal: whether states are means of the last vectors (kind ``next``) or the vectors themselves.
        size: for kind ``next``: words in the mean, fewer at the start.
    """

    pooling: ClassVar[str] = "mean"

    def __init__(
        self, input_size: int, causal: bool, *, size: Annotated[int, Gt(0), Search(2, 20, log=True)] = 5
    ) -> None:
        super().__init__(input_size, causal)
        self.size, self.output_size = size, input_size

    @property
    def receptive_field(self) -> tuple[int, int]:
        """See ``Encoder.receptive_field``."""
        return (self.size - 1 if self.causal else 0, 0)

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward``; the carry is the last ``size - 1`` vectors and the number of words read."""
        if not self.causal:
            return inputs, None
        batch, steps, width = inputs.shape
        inputs = cleared(inputs, lengths)
        if carry is None:
            carry = inputs.new_zeros(batch, self.size - 1, width), lengths.new_zeros(batch)
        before, read = carry
        padded = torch.cat([before.to(inputs.dtype), inputs], 1)  # (B, size - 1 + T, D)
        sums = nn.functional.pad(padded.cumsum(1), (0, 0, 1, 0))  # (B, size + T, D)
        seen = read[:, None] + torch.arange(1, steps + 1, device=inputs.device)  # (B, T)
        states = (sums[:, self.size :] - sums[:, :steps]) / seen.clamp(max=self.size)[..., None]  # (B, T, D)
        return states, (padded[:, steps:], read + steps)
