"""Embedding, encoder and head as one network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.data.batching import Batch
from core.neural.base import Carry, Encoder, NeuralHead
from core.neural.concat_embedding import Collated, ConcatEmbedding, Prepared
from core.neural.optional_method import goes_with

Read = Callable[..., tuple[Tensor, Carry]]  # as ``Network.forward``


class Network(nn.Module):
    """Embedding, encoder and head, one after the other."""

    def __init__(self, embedding: ConcatEmbedding, encoder: Encoder, head: NeuralHead) -> None:
        super().__init__()
        self.embedding, self.encoder, self.head = embedding, encoder, head

    def collate(self, batch: Batch, prepared: Prepared | None = None) -> tuple[Collated, Any]:
        """What the embedding and the encoder need of a batch besides its tensors; see ``Embedding.collate``."""
        rows = None
        if goes_with(type(self.encoder), "collate", "forward"):
            rows = self.encoder.collate(batch.lengths, batch.ids.shape[1])
        return self.embedding.collate(batch.ids, prepared, batch.spans), rows

    def collate_answers(self, batch: Batch) -> Any:
        """What the head needs of a batch besides its tensors; see ``NeuralHead.collate``."""
        if not goes_with(type(self.head), "collate", "loss"):
            return None
        return self.head.collate(batch.targets, batch.lengths)

    def forward(
        self,
        ids: Tensor,
        lengths: Tensor,
        carry: Carry = None,
        prepared: Prepared | None = None,
        collated: tuple[Collated | None, Any] = (None, None),
    ) -> tuple[Tensor, Carry]:
        """Compute states: ids int64 (B, T), lengths int64 (B,) -> (B, T, H), carry.

        ``prepared`` is what the embedding returned for the open words among the ids, ``collated`` what ``collate``
        returned for the batch, as tensors on the device.
        """
        words, rows = collated
        own = () if rows is None else (rows,)
        states, carry = self.encoder(self.embedding(ids, prepared, words), lengths, carry, *own)
        return states, carry

    def reader(self, tokens: int) -> Read:
        """What reads the batches of a prediction of so many tokens: the network itself, or ``read_words``.

        The two agree up to rounding. So one of them reads all batches, and no batch decides.
        """
        can = self.embedding.by_word and goes_with(type(self.encoder), "forward_words", "forward")
        return self.read_words if can and self.encoder.reads_words(tokens) else self

    def read_words(
        self,
        ids: Tensor,
        lengths: Tensor,
        carry: Carry = None,
        prepared: Prepared | None = None,
        collated: tuple[Collated | None, Any] = (None, None),
    ) -> tuple[Tensor, Carry]:
        """As ``forward``, without gradients, from the vectors of the distinct words of the batch."""
        types, words = torch.unique(ids, return_inverse=True)  # (U,), (B, T)
        vectors = self.embedding(types[None], prepared)[0]  # (U, D)
        states, carry = self.encoder.forward_words(vectors, words, lengths, carry)
        return states, carry


def count_trained(module: nn.Module) -> int:
    """The number of parameters that training changes."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)
