"""A table of randomly initialised vectors that is trained with the network."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from core.data.vocab import END, UNK, Vocab
from core.neural.base import Embedding
from core.neural.ops.sparse_gradients import look_up


class Random(Embedding):
    """One trained vector per word of the vocabulary; all other words share the vector of the unknown word.

    The unknown word is trained on rare words: in training a word with the count n is replaced by the unknown
    word with probability a / (a + n) (Kiperwasser and Goldberg, 2016).

    Args:
        vocab: the closed vocabulary.
        dim: the dimension of a vector.
        word_dropout: the a of a / (a + n); 0 never replaces a word.
        scale: the mean length of the initial vectors; SGD learns faster from sqrt(dim), AdamW from 1.
    """

    weight: nn.Parameter
    rate: Tensor

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0)] = 100,
        word_dropout: Annotated[float, Ge(0)] = 0.25,
        scale: Annotated[float, Gt(0)] = 1.0,
    ) -> None:
        super().__init__(vocab)
        self.output_size, self.word_dropout = dim, word_dropout
        bound = scale * (3 / dim) ** 0.5
        self.weight = nn.Parameter(torch.empty(vocab.size, dim).uniform_(-bound, bound))
        counts = torch.as_tensor(vocab.counts, dtype=torch.float32)
        rate = word_dropout / (word_dropout + counts.clamp(min=1))
        rate[END] = 0.0
        self.register_buffer("rate", rate, persistent=False)

    def forward(self, ids: Tensor, prepared: None = None) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, dim)."""
        ids = ids.masked_fill(ids >= self.vocab.size, UNK)
        if self.training and self.word_dropout:
            rate = self.rate[ids]
            ids = ids.masked_fill(torch.rand_like(rate) < rate, UNK)
        return look_up(ids, self.weight)  # (B, T, D)
