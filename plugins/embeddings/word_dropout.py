"""Which row of a trained table a word reads: its own, or that of the unknown word."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.data.vocab import END, UNK, Vocab


class WordDropout(nn.Module):
    """Replaces open words by the unknown word, and in training rare words too (Kiperwasser and Goldberg, 2016).

    In training a word with the count n is replaced with probability a / (a + n), so that the row of the unknown
    word is trained.

    Args:
        vocab: the closed vocabulary.
        strength: the a of a / (a + n); 0 never replaces a training word.
    """

    rate: Tensor

    def __init__(self, vocab: Vocab, strength: float) -> None:
        super().__init__()
        self.size, self.strength = vocab.size, strength
        counts = torch.as_tensor(vocab.counts, dtype=torch.float32)
        rate = strength / (strength + counts.clamp(min=1))
        rate[END] = 0.0
        self.register_buffer("rate", rate, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """The rows to read: open ids int64 (B, T) -> closed ids (B, T)."""
        ids = ids.masked_fill(ids >= self.size, UNK)
        if self.training and self.strength:
            rate = self.rate[ids]
            ids = ids.masked_fill(torch.rand_like(rate) < rate, UNK)
        return ids
