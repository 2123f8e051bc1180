"""The vectors that an encoder reads: one or more embeddings side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.model.context import Context
from core.neural.base import Embedding
from core.neural.ops.dropout import Dropout, DropoutRate


class ConcatEmbedding(Embedding):
    """The concatenated vectors of several embeddings, with dropout.

    Args:
        vocab: the closed vocabulary.
        parts: the embeddings by name, in order.
        dropout: the share of each vector's components that training sets to zero.
    """

    def __init__(self, vocab: Vocab, parts: Mapping[str, Embedding], *, dropout: DropoutRate = 0.0) -> None:
        super().__init__(vocab)
        self.parts = nn.ModuleDict(dict(parts))
        self.output_size = sum(part.output_size for part in parts.values())
        self.dropout = Dropout(dropout)

    @property
    def weight(self) -> nn.Parameter | None:  # type: ignore[override] # read only: the part owns it
        """The table of a single embedding; None if it has none, or if there are several."""
        return self.embeddings[0].weight if len(self.embeddings) == 1 else None

    @property
    def embeddings(self) -> Sequence[Embedding]:
        """The parts in order."""
        return [part for part in self.parts.values() if isinstance(part, Embedding)]

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Fit each part."""
        for part in self.embeddings:
            part.fit(corpus, dev, context)

    @property
    def fitted_parameters(self) -> int:
        """The sum over the parts."""
        return sum(part.fitted_parameters for part in self.embeddings)

    def spell(self, words: Sequence[str]) -> None:
        """Pass the open words to each part."""
        for part in self.embeddings:
            part.spell(words)

    def has(self, ids: Tensor) -> Tensor:
        """Mark the words that some part has a vector for: open ids int64 (B, T) -> bool (B, T)."""
        return torch.stack([part.has(ids) for part in self.embeddings]).any(0)

    def forward(self, ids: Tensor) -> Tensor:
        """Look up vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        vectors: Tensor = self.dropout(torch.cat([part(ids) for part in self.parts.values()], -1))  # (B, T, D)
        return vectors
