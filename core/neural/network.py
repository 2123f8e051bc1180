"""Embedding, encoder and head as one network."""

from __future__ import annotations

import importlib

from torch import Tensor, nn

from core.neural import HEADS
from core.neural.base import Carry, Embedding, Encoder, NeuralHead


class Network(nn.Module):
    """Embedding, encoder and head in a row."""

    def __init__(self, embedding: Embedding, encoder: Encoder, head: NeuralHead) -> None:
        super().__init__()
        self.embedding, self.encoder, self.head = embedding, encoder, head

    def forward(self, ids: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """States: ids int64 (B, T), lengths int64 (B,) -> (B, T, H), carry."""
        states, carry = self.encoder(self.embedding(ids), lengths, carry)
        return states, carry


def head_class(kind: str) -> type[NeuralHead]:
    """The head of a kind."""
    module, name = HEADS[kind].split(":")
    found: type[NeuralHead] = getattr(importlib.import_module(module), name)
    return found
