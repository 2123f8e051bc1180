"""The vectors that an encoder reads: one or more embeddings side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.model.context import Context
from core.neural.base import Embedding
from core.neural.ops.dropout import Dropout, DropoutRate
from core.neural.optional_method import goes_with
from core.types import Int64s

Prepared = tuple[Any, ...]  # what ``prepare`` of each part returned
Collated = tuple[Any, ...]  # what ``collate`` of each part returned, as tensors on the device


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

    @property
    def by_word(self) -> bool:  # type: ignore[override] # read only
        """Whether it holds for all parts."""
        return all(part.by_word for part in self.embeddings)

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Fit each part."""
        for part in self.embeddings:
            part.fit(corpus, dev, context)

    @property
    def fitted_parameters(self) -> int:
        """The sum over the parts."""
        return sum(part.fitted_parameters for part in self.embeddings)

    def count_fitted(self, corpus: Corpus) -> int:
        """The sum over the parts."""
        return sum(part.count_fitted(corpus) for part in self.embeddings)

    def prepare(self, words: Sequence[str]) -> Prepared:
        """What each part needs of the open words, in order; None without open words."""
        return tuple(part.prepare(words) if words else None for part in self.embeddings)

    def has(self, ids: Tensor, prepared: Prepared | None = None) -> Tensor:
        """Mark the words that some part has a vector for: open ids int64 (B, T) -> bool (B, T)."""
        return torch.stack([part.has(*arguments) for part, arguments in self._calls(ids, prepared)]).any(0)

    def collate(self, ids: Int64s, prepared: Prepared | None = None, spans: Int64s | None = None) -> Collated:
        """What each part needs of a batch, in order."""
        nothing = [None] * len(self.parts)
        return tuple(
            part.collate(ids, own, *((spans,) if part.reads_spans else ()))
            if goes_with(type(part), "collate", "forward")
            else None
            for part, own in zip(self.embeddings, prepared or nothing, strict=True)
        )

    def forward(self, ids: Tensor, prepared: Prepared | None = None, collated: Collated | None = None) -> Tensor:
        """Look up vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        parts = [part(*arguments) for part, arguments in self._calls(ids, prepared, collated)]
        vectors: Tensor = self.dropout(torch.cat(parts, -1) if len(parts) > 1 else parts[0])  # (B, T, D)
        return vectors

    def _calls(
        self, ids: Tensor, prepared: Prepared | None, collated: Collated | None = None
    ) -> Iterator[tuple[Embedding, tuple[Any, ...]]]:
        """Each part with its arguments: the ids, then what it has prepared and collated, if anything."""
        nothing = [None] * len(self.parts)
        for part, *own in zip(self.embeddings, prepared or nothing, collated or nothing, strict=True):
            while own and own[-1] is None:
                own.pop()
            yield part, (ids, *own)
