"""The head of kind ``set``: the states of a row become one vector, the vector a sigmoid per label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_types import Gt, Lt
from torch import Tensor, nn

from core.config.space import Search
from core.kinds.thresholds import HALF, best_threshold
from core.neural.base import Embedding, Encoder
from core.neural.dev_decisions import DecidedOnDev
from core.neural.heads.pooled import PooledHead, Pooling
from core.neural.ops.collation import collate_tensors, take_events
from core.neural.ops.dropout import DropoutRate
from core.neural.ops.precision import at_least_fp32
from core.types import Arrays, Int64s


class LabelSetHead(PooledHead, DecidedOnDev):
    """Pooling, a linear map and a sigmoid per label: each label is decided by itself.

    Args:
        pooling: how the states of a row become one vector; ``auto`` is the encoder's default, or the mean if the
            training rows have more than 300 tokens on average; ``max+mean`` concatenates both.
        threshold: the probability from which a label is predicted; auto: after training, the one of 0.05, 0.10,
            ..., 0.95 with the best score on dev.
        dropout: the share of the pooled vector's numbers that training sets to zero.
    """

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        pooling: Annotated[Pooling, Search(choices=("mean", "max", "attention"))] = "auto",
        threshold: Annotated[float, Gt(0), Lt(1)] | Literal["auto"] = 0.5,
        dropout: DropoutRate = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size, size, pooling, dropout)
        self.undecided = threshold == "auto"
        self.threshold = HALF if threshold == "auto" else threshold

    def decide(self, predictions: Arrays, score: Callable[[Arrays], float]) -> dict[str, Any]:
        """The threshold; see ``DecidedOnDev``."""
        self.threshold = best_threshold(predictions["probs"], score)
        return {"threshold": self.threshold}

    def collate(self, targets: Int64s, lengths: Int64s) -> tuple[Any, ...]:
        """The places of the rows that have a set, None where all have one, and these sets."""
        places = np.flatnonzero((targets >= 0).all(axis=1))
        return (None, targets) if len(places) == len(targets) else (places, targets[places])

    def loss(
        self, states: Tensor, lengths: Tensor, targets: Tensor, collated: tuple[Any, ...] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Minus the log-probability of the sets, of independent labels; see ``NeuralHead.loss``.

        Args:
            states: (B, T, H).
            lengths: int64 (B,).
            targets: int64 (B, L), 1 for a label of the set, 0 for another one, -1 in a row without a set.
            collated: what ``collate`` returned.
        """
        if collated is None:
            collated = collate_tensors(self.collate, targets, lengths)
        places, answers = collated
        pooled = take_events(self.pool(states, lengths), places)  # (N, H)
        logits = at_least_fp32(self.linear(self.dropout(pooled)))  # (N, L)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, answers.to(logits.dtype), reduction="sum")
        return loss, torch.tensor(len(answers))

    def answers(self, pooled: Tensor) -> Arrays:
        """The labels from the threshold on, bool (B, L), and their probabilities (B, L)."""
        probs = at_least_fp32(self.linear(pooled)).sigmoid().detach().cpu().numpy()
        return {"labels": probs >= self.threshold, "probs": probs}
