"""The head of kind ``sequence``: the states of a row become one vector, the vector a label."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn

from core.context import Arrays
from core.neural.contract import Embedding, Encoder, NeuralHead
from core.neural.masking import cleared, inside


class ClassificationHead(NeuralHead):
    """Pooling, a linear map and a softmax.

    Args:
        pooling: how the states of a row become one vector; ``auto`` is what the encoder names.
        dropout: the share of the pooled vector's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.5,
        "head.dropout": 0.5,
        "train.optimizer": "adamw",
        "train.learning_rate": 1e-3,
        "train.schedule": "linear",
        "train.epochs": 8,
        "train.patience": 5,
        "train.batch_size": 32,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        pooling: Literal["auto", "last", "mean", "max", "attention"] = "auto",
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.pooling = encoder.pooling if pooling == "auto" else pooling
        self.lent = (encoder,)  # a tuple, so that torch does not take it for a part of the head
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(encoder.output_size, size)
        if self.pooling == "attention":
            self.score = nn.Linear(encoder.output_size, 1, bias=False)

    def pool(self, states: Tensor, lengths: Tensor) -> Tensor:
        """One vector a row: (B, T, H) -> (B, H); zeros for an empty row."""
        if self.pooling == "last":
            return self.lent[0].last(states, lengths)
        mask = inside(lengths, states.shape[1])[..., None]  # (B, T, 1)
        if self.pooling == "max":
            top = states.masked_fill(~mask, -torch.inf).amax(1)  # (B, H)
            return top.masked_fill((lengths == 0)[:, None], 0.0)
        states = cleared(states, lengths)
        if self.pooling == "mean":
            return states.sum(1) / lengths.clamp(min=1)[:, None]
        scores: Tensor = self.score(states)  # (B, T, 1)
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)  # finite: an empty row stays so
        return (scores.softmax(1) * states).sum(1)  # (B, H)

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        scored = targets >= 0
        log_probs = self.log_probs(self.dropout(self.pool(states, lengths)[scored]))  # (N, size)
        return nn.functional.nll_loss(log_probs, targets[scored], reduction="sum"), scored.sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """Of pooled states; see ``NeuralHead.log_probs``."""
        logits: Tensor = self.linear(states)
        return logits.to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(-1)

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """The most probable label of each row, and the log-probabilities of all."""
        log_probs = self.log_probs(self.pool(states, lengths))  # (B, size)
        return {
            "label": log_probs.argmax(-1).detach().cpu().numpy(),
            "log_probs": log_probs.detach().cpu().numpy(),
        }
