"""The settings that determine the vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ModelName = Literal["skipgram", "cbow"]
Output = Literal["negative", "hierarchical", "softmax"]
Subsampling = Literal["word2vec", "paper"]

SKIPGRAM_ALPHA, CBOW_ALPHA = 0.025, 0.075  # as in word2vec.c; a divided gradient needs more (Irsoy et al., 2020)


@dataclass(frozen=True)
class Settings:
    """The options of ``embedding=word2vec`` that determine the vectors; see ``Word2Vec``."""

    model: ModelName = "skipgram"
    output: Output = "negative"
    dim: int = 100
    window: int = 5
    min_count: int = 5
    max_vocab: int | None = None
    negative: int = 5
    sample: float = 1e-3
    subsampling: Subsampling = "word2vec"
    epochs: int = 5
    alpha: float | None = None
    min_alpha: float = 1e-4
    divide: bool = True
    phrases: int = 0
    phrase_threshold: float = 100.0

    @property
    def rate(self) -> float:
        """The learning rate at the first token."""
        if self.alpha is not None:
            return self.alpha
        return CBOW_ALPHA if self.model == "cbow" and self.divide else SKIPGRAM_ALPHA
