"""What the user should know of rows that are too long to be read whole."""

from __future__ import annotations

from core.data.batching import Examples
from core.neural.pieces import context_of
from core.types import Note


def predicted_in_pieces(examples: Examples, max_tokens: int) -> list[Note]:
    """How many rows an encoder that reads both sides whole reads in pieces in prediction."""
    rows, long = len(examples.lengths), int((examples.lengths > max_tokens).sum())
    if not long:
        return []
    text = f"{long:,} of {rows:,} rows have more than {max_tokens:,} tokens and are read in pieces"
    seen = context_of(max_tokens)
    text += f", of whose surroundings the encoder sees {seen} tokens per side (see predict.max_tokens)"
    return [Note("predict.pieces", text, {"rows": long, "max_tokens": max_tokens})]


def trained_in_pieces(examples: Examples, max_tokens: int) -> list[Note]:
    """How many rows are cut or split in training."""
    rows, long = len(examples.lengths), int((examples.lengths > max_tokens).sum())
    if not long:
        return []
    how = "only their beginning is read" if examples.per_row else "they are split"
    text = f"{long:,} of {rows:,} training rows have more than {max_tokens:,} tokens: in training {how}"
    return [Note("train.long_rows", f"{text} (see train.max_tokens)", {"rows": long, "max_tokens": max_tokens})]
