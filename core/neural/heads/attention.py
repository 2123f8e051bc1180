"""Attention: which states of the row a state of the decoder looks at, for all steps at once."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.neural.ops.masking import beyond
from core.neural.ops.precision import at_least_fp32

Scoring = Literal["general", "dot", "additive", "none"]


class Attention(nn.Module):
    """Weights of the states of a row, and their weighted mean.

    Args:
        scoring: how a state s of the decoder and a state m of the row are compared: ``dot`` s m, ``general`` s W m
            (Luong et al., 2015), ``additive`` v tanh(W m + U s + b) (Bahdanau et al., 2015).
        size: that of s.
        width: that of m.

    Raises:
        ConfigError: ``dot`` of vectors of different sizes.
    """

    def __init__(self, scoring: Scoring, size: int, width: int) -> None:
        super().__init__()
        self.scoring = scoring
        if scoring == "dot" and size != width:
            what = f"the decoder's states have {size} numbers, those of the encoder {width}"
            remedy = f"set head.hidden_size={width}, or head.attention=general"
            raise ConfigError(what, where="head.attention", remedy=remedy)
        if scoring != "dot":
            self.key = nn.Linear(width, size, bias=scoring == "additive")
        if scoring == "additive":
            self.query = nn.Linear(size, size, bias=False)
            self.weight = nn.Linear(size, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """What the scores need of the row, computed once: (B, T, width) -> (B, T, size)."""
        return memory if self.scoring == "dot" else self.key(memory)

    def scores(self, states: Tensor, keys: Tensor) -> Tensor:
        """Compare each state with each key: (B, U, size), (B, T, size) -> (B, U, T)."""
        if self.scoring != "additive":
            return torch.bmm(states, keys.transpose(1, 2))  # (B, U, T)
        both = self.query(states)[:, :, None] + keys[:, None]  # (B, U, T, size)
        result: Tensor = self.weight(torch.tanh(both))[..., 0]  # (B, U, T)
        return result

    def forward(self, states: Tensor, keys: Tensor, memory: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The weighted mean of the row for each state, and the weights, which are 0 for an empty row.

        Args:
            states: (B, U, size), of the decoder.
            keys: (B, T, size), see ``keys``.
            memory: (B, T, width), zeros beyond the lengths.
            lengths: int64 (B,).

        Returns:
            (B, U, width), and at least fp32 (B, U, T).
        """
        padding = beyond(lengths, memory.shape[1])[:, None]  # (B, 1, T)
        scores = at_least_fp32(self.scores(states, keys))
        scores = scores.masked_fill(padding, torch.finfo(scores.dtype).min)  # finite: an empty row has no NaN
        weights = scores.softmax(-1).masked_fill(padding, 0.0)
        return torch.bmm(weights.to(memory.dtype), memory), weights  # (B, U, width), (B, U, T)
