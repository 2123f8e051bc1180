"""The head of kind ``token``: a label for each position, from its state alone."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn

from core.context import Arrays
from core.neural.contract import Embedding, Encoder, NeuralHead


class TaggingHead(NeuralHead):
    """A linear map and a softmax at each position.

    Args:
        dropout: the share of each state's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.4,
        "head.dropout": 0.4,
        "train.optimizer": "adamw",
        "train.learning_rate": 3e-3,
        "train.schedule": "linear",
        "train.epochs": 6,
        "train.patience": 3,
        "train.batch_size": 32,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(encoder.output_size, size)

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        scored = targets >= 0
        logits = self.linear(self.dropout(states[scored]))  # (N, size)
        return nn.functional.cross_entropy(_wide(logits), targets[scored], reduction="sum"), scored.sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """See ``NeuralHead.log_probs``."""
        return _wide(self.linear(states)).log_softmax(-1)

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """The most probable label at each position."""
        return {"label": self.linear(states).argmax(-1).detach().cpu().numpy()}


def _wide(logits: Tensor) -> Tensor:
    """Logits in fp32 at least, for sums of exponentials."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
