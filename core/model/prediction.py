"""How a trained neural model reads the rows that it predicts."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

MAX_TOKENS = 32_768


class PredictOptions:
    """How a trained neural model reads the rows that it predicts; training is not concerned.

    Args:
        max_tokens: the maximum number of tokens, padding included, that are read at a time, which bounds the
            memory. A longer row is read in pieces: with the same result by every encoder that reads the left side
            alone or a bounded number of tokens; one that reads both sides whole sees 256 tokens on each side of a
            piece.
    """

    def __init__(self, *, max_tokens: Annotated[int, Ge(1)] = MAX_TOKENS) -> None:
        self.max_tokens = max_tokens
