"""The head of kind ``cloze``: a distribution over the words at each place."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from core.data.vocab import END, UNK
from core.kinds.blanks import MOST
from core.neural.base import Embedding, Encoder
from core.neural.heads.language import LanguageHead
from core.neural.heads.ranking import rank_events
from core.neural.ops.dropout import DropoutRate
from core.types import Arrays


class ClozeHead(LanguageHead):
    """A linear map of the states on both sides of a place onto the words, and a softmax.

    Args:
        tied: use the embedding's table as the output matrix (Press and Wolf, 2017); states of another size are
            first mapped to the size of its vectors.
        dropout: the share of each state's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.2,
        "head.dropout": 0.2,
        "train.optimizer": "adamw",
        "train.learning_rate": 2e-3,
        "train.schedule": "linear",
        "train.batch_size": 32,
        "train.steps": 2000,
        "train.min_epochs": 3,
    }

    def __init__(
        self, encoder: Encoder, embedding: Embedding, size: int, *, tied: bool = False, dropout: DropoutRate = 0.0
    ) -> None:
        super().__init__(encoder, embedding, size, tied=tied, dropout=dropout)

    @property
    def table(self) -> tuple[Tensor, Tensor]:
        """As in ``LanguageHead``; the end of a row is never a word."""
        matrix, bias = super().table
        ends = torch.zeros_like(bias)
        ends[END] = -torch.inf
        return matrix, bias + ends

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = False
    ) -> Arrays:
        """The most likely word of each place, and the log-probability and rank of each target; 0 elsewhere.

        With ``probabilities`` also ``top_words`` and ``top_log_probs`` (B, T, K).
        """
        if targets is None:
            raise ValueError("predict of kind cloze scores the targets: pass targets")
        scored = targets >= 0
        found = rank_events(self, states[scored], targets[scored], UNK, MOST if probabilities else 0)
        arrays: Arrays = {}
        for name, values in found.items():
            every = values.new_zeros(*targets.shape, *values.shape[1:])
            every[scored] = values
            arrays[name] = every.cpu().numpy()
        return arrays
