"""What the heads of kinds with one answer per row share: the states of a row become one vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.running_pool import RunningAttention, RunningLast, RunningMax, RunningMean, RunningPool
from core.neural.ops.dropout import Dropout
from core.neural.ops.masking import beyond
from core.types import Arrays, Int64s

Pooling = Literal["auto", "last", "mean", "max", "max+mean", "attention"]
LONG = 300  # mean number of tokens of the training rows


class PooledHead(NeuralHead):
    """Pooling and a linear map; a subclass says what the outputs mean (``answers`` and ``loss``).

    Args:
        encoder: see ``NeuralHead``.
        embedding: see ``NeuralHead``.
        size: see ``NeuralHead``.
        outputs: the number of outputs of the linear map.
        pooling: how the states of a row become one vector, see ``ClassificationHead``.
        dropout: the share of the pooled vector's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.5,
        "head.dropout": 0.1,
        "train.optimizer": "adamw",
        "train.learning_rate": 3e-3,
        "train.schedule": "linear",
        "train.steps": 1500,
        "train.max_epochs": 80,
    }

    def __init__(
        self, encoder: Encoder, embedding: Embedding, size: int, outputs: int, pooling: str, dropout: float
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.pooling = encoder.pooling if pooling == "auto" else pooling
        self.shared = (encoder,)  # in a tuple, so that torch does not register it as a part of the head
        self.dropout = Dropout(dropout)
        self.linear = nn.Linear(encoder.output_size * len(self.pooling.split("+")), outputs)
        if self.pooling == "attention":
            self.score = nn.Linear(encoder.output_size, 1, bias=False)

    @classmethod
    def choose(cls, options: Mapping[str, Any], lengths: Int64s) -> dict[str, Any]:
        """The mean for long rows, whose maximum is one of many; see ``NeuralHead.choose``."""
        is_long = len(lengths) > 0 and float(lengths.mean()) > LONG
        return {"pooling": "mean"} if options.get("pooling", "auto") == "auto" and is_long else {}

    def pool(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Pool each row to one vector: (B, T, H) -> (B, H), (B, 2 H) for ``max+mean``; zeros for an empty row."""
        parts = [self._pool(states, lengths, part) for part in self.pooling.split("+")]
        return torch.cat(parts, -1) if len(parts) > 1 else parts[0]

    def _pool(self, states: Tensor, lengths: Tensor, pooling: str) -> Tensor:
        if pooling == "last":
            return self.shared[0].last(states, lengths)
        padding = beyond(lengths, states.shape[1])[..., None]  # (B, T, 1)
        if pooling == "max":
            top = states.masked_fill(padding, -torch.inf).amax(1)  # (B, H)
            return top.masked_fill((lengths == 0)[:, None], 0.0)
        states = states.masked_fill(padding, 0.0)
        if pooling == "mean":
            return states.sum(1) / lengths.clamp(min=1)[:, None]
        scores: Tensor = self.score(states)  # (B, T, 1)
        scores = scores.masked_fill(padding, torch.finfo(scores.dtype).min)  # finite, so an empty row has no NaN
        return (scores.softmax(1) * states).sum(1)  # (B, H)

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = True
    ) -> Arrays:
        """The answer to each row, with all that the kind predicts."""
        return self.answers(self.pool(states, lengths))

    def predict_pieces(self, pieces: Iterable[Tensor], targets: Tensor, probabilities: bool = True) -> Arrays:
        """See ``NeuralHead.predict_pieces``; no more than one piece is held in memory."""
        pools = [self._running(part) for part in self.pooling.split("+")]
        for states in pieces:
            for pool in pools:
                pool.add(states)
        return self.answers(torch.cat([pool.result() for pool in pools], -1))

    def _running(self, pooling: str) -> RunningPool:
        if pooling == "last":
            return RunningLast(self.shared[0])
        if pooling == "attention":
            return RunningAttention(self.score)
        return RunningMax() if pooling == "max" else RunningMean()

    def answers(self, pooled: Tensor) -> Arrays:
        """Predictions from the pooled states of rows: (B, H) -> arrays of B entries."""
        raise NotImplementedError
