"""Which row of a trained table a word reads: its own, or that of the unknown word."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.data.vocab import END, UNK, Vocab
from core.types import Int64s


class WordDropout(nn.Module):
    """Replaces open words by the unknown word, and in training rare words too (Kiperwasser and Goldberg, 2016).

    In training a word with the count n is replaced with probability a / (a + n), so that the row of the unknown
    word is trained. Words are drawn before they are on the device, from torch's generator of the CPU.

    Args:
        vocab: the closed vocabulary.
        strength: the a of a / (a + n); 0 never replaces a training word.
    """

    def __init__(self, vocab: Vocab, strength: float) -> None:
        super().__init__()
        self.size, self.strength = vocab.size, strength
        counts = torch.as_tensor(vocab.counts, dtype=torch.float32, device="cpu")
        self.rate = (strength / (strength + counts.clamp(min=1))).numpy()
        self.rate[END] = 0.0

    def forward(self, ids: Int64s) -> Int64s:
        """The rows to read: open ids int64 (B, T) -> closed ids (B, T)."""
        rows = np.where(ids < self.size, ids, UNK)
        if self.training and self.strength:
            rows[torch.rand(rows.shape).numpy() < self.rate[rows]] = UNK
        return rows
