"""A table of randomly initialised vectors that is trained with the network."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from core.config.space import Search, Size
from core.data.vocab import Vocab
from core.neural.base import Embedding
from core.neural.ops.collation import collate_tensors
from core.neural.ops.sparse_gradients import look_up
from core.types import Int64s
from plugins.embeddings.word_dropout import WordDropout


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

    by_word: ClassVar[bool] = True
    weight: nn.Parameter

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0), Size(), Search(32, 300, log=True)] = 100,
        word_dropout: Annotated[float, Ge(0), Search(0.0, 1.0)] = 0.25,
        scale: Annotated[float, Gt(0)] = 1.0,
    ) -> None:
        super().__init__(vocab)
        self.output_size = dim
        bound = scale * (3 / dim) ** 0.5
        self.weight = nn.Parameter(torch.empty(vocab.size, dim).uniform_(-bound, bound))
        self.word_dropout = WordDropout(vocab, word_dropout)

    def collate(self, ids: Int64s, prepared: None = None) -> Int64s:
        """The row of each token (B, T)."""
        rows: Int64s = self.word_dropout(ids)
        return rows

    def forward(self, ids: Tensor, prepared: None = None, collated: Tensor | None = None) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, dim)."""
        rows = collate_tensors(self.collate, ids) if collated is None else collated
        return look_up(rows, self.weight)  # (B, T, D)
