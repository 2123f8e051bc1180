"""The head of kind ``sequence``: the states of a row become one vector, the vector a label."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from core.errors import ConfigError
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.ops.dropout import Dropout
from core.neural.ops.masking import cleared, inside
from core.types import Arrays


class ClassificationHead(NeuralHead):
    """Pooling, a linear map and a softmax.

    Args:
        pooling: how the states of a row become one vector; ``auto`` is what the encoder names,
            ``max+mean`` both end to end.
        binary: of two classes, map onto one number z and take the sigmoid: the same as a softmax of (0, z).
        class_weights: what a row's loss is multiplied by: ``balanced`` is rows / (classes x rows of its class)
            in training, a list has a number a class, in the order of the labels (the most frequent first).
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
        pooling: Literal["auto", "last", "mean", "max", "max+mean", "attention"] = "auto",
        binary: bool = False,
        class_weights: Literal["balanced"] | list[Annotated[float, Gt(0)]] | None = None,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.pooling = encoder.pooling if pooling == "auto" else pooling
        self.lent = (encoder,)  # a tuple, so that torch does not take it for a part of the head
        self.binary, self.balanced = binary, class_weights == "balanced"
        self.dropout = Dropout(dropout)
        if binary:
            _check_binary(size)
        width = encoder.output_size * len(self.pooling.split("+"))
        self.linear = nn.Linear(width, 1 if binary else size)
        if self.pooling == "attention":
            self.score = nn.Linear(encoder.output_size, 1, bias=False)
        self.weights: Tensor | None
        self.register_buffer("weights", None if class_weights is None else _weights(class_weights, size))

    def prepare(self, targets: Tensor) -> None:
        """Count the classes for balanced weights; see ``NeuralHead.prepare``."""
        if self.balanced and self.weights is not None:
            counts = targets[targets >= 0].bincount(minlength=self.size)
            self.weights.copy_(counts.sum() / (self.size * counts.clamp(min=1)))

    def pool(self, states: Tensor, lengths: Tensor) -> Tensor:
        """One vector a row: (B, T, H) -> (B, H), with ``max+mean`` (B, 2 H); zeros for an empty row."""
        return torch.cat([self._pool(states, lengths, way) for way in self.pooling.split("+")], -1)

    def _pool(self, states: Tensor, lengths: Tensor, way: str) -> Tensor:
        if way == "last":
            return self.lent[0].last(states, lengths)
        mask = inside(lengths, states.shape[1])[..., None]  # (B, T, 1)
        if way == "max":
            top = states.masked_fill(~mask, -torch.inf).amax(1)  # (B, H)
            return top.masked_fill((lengths == 0)[:, None], 0.0)
        states = cleared(states, lengths)
        if way == "mean":
            return states.sum(1) / lengths.clamp(min=1)[:, None]
        scores: Tensor = self.score(states)  # (B, T, 1)
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)  # finite: an empty row stays so
        return (scores.softmax(1) * states).sum(1)  # (B, H)

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        scored = targets >= 0
        log_probs = self.log_probs(self.dropout(self.pool(states, lengths)[scored]))  # (N, size)
        weights = None if self.weights is None else self.weights.to(log_probs.dtype)
        return nn.functional.nll_loss(log_probs, targets[scored], weights, reduction="sum"), scored.sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """Of pooled states; see ``NeuralHead.log_probs``."""
        logits: Tensor = self.linear(states)
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        if self.binary:
            return nn.functional.logsigmoid(torch.cat([-logits, logits], -1))  # (N, 2)
        return logits.log_softmax(-1)

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """The most probable label of each row, and the log-probabilities of all."""
        log_probs = self.log_probs(self.pool(states, lengths))  # (B, size)
        return {
            "label": log_probs.argmax(-1).detach().cpu().numpy(),
            "log_probs": log_probs.detach().cpu().numpy(),
        }


def _check_binary(size: int) -> None:
    """One sigmoid tells two classes apart."""
    if size != 2:
        raise ConfigError(
            f"one sigmoid tells two classes apart, and the data has {size}",
            where="head.binary",
            remedy="set head.binary=false",
        )


def _weights(asked: str | list[float], size: int) -> Tensor:
    """The weights that were asked for, or as long as they are not counted, ones: (size,)."""
    if isinstance(asked, str):
        return torch.ones(size)
    if len(asked) != size:
        raise ConfigError(
            f"there are {len(asked)} weights for {size} classes",
            where="head.class_weights",
            remedy="give a number a class, or balanced, or none",
        )
    return torch.tensor(asked)
