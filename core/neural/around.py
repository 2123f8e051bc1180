"""States of the places of a text, which have read every word but the one at the place."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.errors import ConfigError
from core.neural.base import Carry, Encoder
from core.neural.ops.masking import cleared, reversal, reversed_rows


class AroundPlace(Encoder):
    """Joins the state after the last word before a place and the one after the first word behind it.

    Both come from encoders that read in one direction, the second one the reversed row, so no word is read at its
    own place, in however many layers: two directions that read each other's states would have read it from the
    second layer on (as in Peters et al., 2018, the directions are two networks).

    Args:
        ahead: reads from left to right.
        back: reads the reversed row; None for the left side alone.
    """

    def __init__(self, ahead: Encoder, back: Encoder | None) -> None:
        super().__init__(ahead.input_size, causal=False)
        self.ahead, self.back = ahead, back
        self.output_size = ahead.output_size + (back.output_size if back else 0)

    @property
    def receptive_field(self) -> tuple[int | None, int | None]:
        """See ``Encoder.receptive_field``: one token more than those of the two encoders."""
        left, right = self.ahead.receptive_field[0], self.back.receptive_field[0] if self.back else -1
        return None if left is None else left + 1, None if right is None else right + 1

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward``; the carry is that of the left side, and its last state."""
        first, before = (None, None) if carry is None else carry
        left, after = self.ahead(inputs, lengths, first)  # (B, T, L)
        nothing = torch.zeros_like(left[:, :1])
        states = torch.cat([nothing if before is None else before, left[:, :-1]], 1)  # (B, T, L)
        if self.back is None:
            return states, (after, left[:, -1:])
        index = reversal(lengths, inputs.shape[1])
        right, _ = self.back(reversed_rows(cleared(inputs, lengths), lengths, index), lengths)  # (B, T, R)
        right = cleared(reversed_rows(right, lengths, index), lengths)
        right = torch.cat([right[:, 1:], torch.zeros_like(right[:, :1])], 1)  # (B, T, R)
        return torch.cat([states, right], -1), None  # (B, T, L + R)


def around_place(make: type[Encoder], sees: str, build: Callable[[type[Encoder]], Encoder]) -> AroundPlace:
    """What reads the text around a place with an encoder, twice unless it sees only the left side.

    Of an encoder that sees both sides it is the class ``left_to_right``, which has the same options. A class sets
    it itself: it is not inherited, as the forward pass of a subclass may be another.

    Args:
        make: the class of the encoder.
        sees: the context that it was registered with.
        build: an encoder of a class, from left to right.

    Raises:
        ConfigError: the encoder reads both sides at each position, so its states have read the word.
    """
    one_way = make if sees != "both" else vars(make).get("left_to_right")
    if one_way is None:
        what = f"{make.__name__} reads both sides at each position, so each of its states has read the word there"
        remedy = (
            f"use an encoder that can read one way, or set {make.__name__}.left_to_right to the class that does"
        )
        raise ConfigError(what, where="encoder", remedy=remedy)
    ahead = build(one_way)
    return AroundPlace(ahead, None if sees == "left" else build(one_way))
