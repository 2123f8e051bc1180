"""The head of kind ``sequence``: the states of a row become one vector, the vector a label."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
from annotated_types import Gt
from torch import Tensor, nn

from core.config.space import Search
from core.errors import ConfigError
from core.neural.base import Embedding, Encoder
from core.neural.heads.pooled import PooledHead, Pooling
from core.neural.ops.collation import collate_tensors, scored_events, take_events
from core.neural.ops.dropout import DropoutRate
from core.neural.ops.precision import at_least_fp32
from core.types import Arrays, Int64s


class ClassificationHead(PooledHead):
    """Pooling, a linear map and a softmax.

    Args:
        pooling: how the states of a row become one vector; ``auto`` is the encoder's default, or the mean if the
            training rows have more than 300 tokens on average; ``max+mean`` concatenates both.
        binary: for two classes, map onto one number z and apply the sigmoid, which equals a softmax of (0, z).
        class_weights: factors of the loss of each row: ``balanced`` is rows / (classes x rows of its class) in
            training; a list has one number per class, in the order of the labels (the most frequent first).
        dropout: the share of the pooled vector's numbers that training sets to zero.
    """

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        pooling: Annotated[Pooling, Search(choices=("mean", "max", "attention"))] = "auto",
        binary: bool = False,
        class_weights: Literal["balanced"] | list[Annotated[float, Gt(0)]] | None = None,
        dropout: DropoutRate = 0.0,
    ) -> None:
        if binary and size != 2:
            what = f"one sigmoid separates two classes, and the data has {size}"
            raise ConfigError(what, where="head.binary", remedy="set head.binary=false")
        super().__init__(encoder, embedding, size, 1 if binary else size, pooling, dropout)
        self.binary, self.balanced = binary, class_weights == "balanced"
        self.weights: Tensor | None
        self.register_buffer("weights", None if class_weights is None else _weights(class_weights, size))

    def prepare(self, targets: Tensor) -> None:
        """Count the classes for balanced weights; see ``NeuralHead.prepare``."""
        if self.balanced and self.weights is not None:
            counts = targets[targets >= 0].bincount(minlength=self.size)
            self.weights.copy_(counts.sum() / (self.size * counts.clamp(min=1)))

    def collate(self, targets: Int64s, lengths: Int64s) -> tuple[Any, ...]:
        """What ``scored_events`` returns."""
        return scored_events(targets)

    def loss(
        self, states: Tensor, lengths: Tensor, targets: Tensor, collated: tuple[Any, ...] | None = None
    ) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        if collated is None:
            collated = collate_tensors(self.collate, targets, lengths)
        places, answers = collated
        pooled = take_events(self.pool(states, lengths), places)  # (N, H)
        log_probs = self.log_probs(self.dropout(pooled))  # (N, size)
        weights = None if self.weights is None else self.weights.to(log_probs.dtype)
        loss = nn.functional.nll_loss(log_probs, answers, weights, reduction="sum")
        return loss, torch.tensor(len(answers))

    def log_probs(self, states: Tensor) -> Tensor:
        """Log-probabilities for pooled states; see ``NeuralHead.log_probs``."""
        logits = at_least_fp32(self.linear(states))
        if self.binary:
            return nn.functional.logsigmoid(torch.cat([-logits, logits], -1))  # (N, 2)
        return logits.log_softmax(-1)

    def answers(self, pooled: Tensor) -> Arrays:
        """The most probable label of each row, always with the log-probabilities of all labels."""
        log_probs = self.log_probs(pooled).detach().cpu()  # (B, size)
        return {"label": log_probs.argmax(-1).numpy(), "log_probs": log_probs.numpy()}


def _weights(class_weights: str | list[float], size: int) -> Tensor:
    """The given weights, or ones until ``prepare`` counts balanced ones: (size,)."""
    if isinstance(class_weights, str):
        return torch.ones(size)
    if len(class_weights) != size:
        what, remedy = f"there are {len(class_weights)} weights for {size} classes", "give one number per class"
        raise ConfigError(what, where="head.class_weights", remedy=f"{remedy}, balanced, or none")
    return torch.tensor(class_weights)
