"""The head of kind ``sequence``: the states of a row become one vector, the vector a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

import torch
from annotated_types import Gt
from torch import Tensor, nn

from core.config.space import Search
from core.errors import ConfigError
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.running_pool import RunningAttention, RunningLast, RunningMax, RunningMean, RunningPool
from core.neural.ops.collation import collate_tensors, scored_events, take_events
from core.neural.ops.dropout import Dropout, DropoutRate
from core.neural.ops.masking import beyond
from core.neural.ops.precision import at_least_fp32
from core.types import Arrays, Int64s

Pooling = Literal["auto", "last", "mean", "max", "max+mean", "attention"]
LONG = 300  # mean number of tokens of the training rows


class ClassificationHead(NeuralHead):
    """Pooling, a linear map and a softmax.

    Args:
        pooling: how the states of a row become one vector; ``auto`` is the encoder's default, or the mean if the
            training rows have more than 300 tokens on average; ``max+mean`` concatenates both.
        binary: for two classes, map onto one number z and apply the sigmoid, which equals a softmax of (0, z).
        class_weights: factors of the loss of each row: ``balanced`` is rows / (classes x rows of its class) in
            training; a list has one number per class, in the order of the labels (the most frequent first).
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
        super().__init__(encoder, embedding, size)
        self.pooling = encoder.pooling if pooling == "auto" else pooling
        self.shared = (encoder,)  # in a tuple, so that torch does not register it as a part of the head
        self.binary, self.balanced = binary, class_weights == "balanced"
        self.dropout = Dropout(dropout)
        if binary and size != 2:
            what = f"one sigmoid separates two classes, and the data has {size}"
            raise ConfigError(what, where="head.binary", remedy="set head.binary=false")
        width = encoder.output_size * len(self.pooling.split("+"))
        self.linear = nn.Linear(width, 1 if binary else size)
        if self.pooling == "attention":
            self.score = nn.Linear(encoder.output_size, 1, bias=False)
        self.weights: Tensor | None
        self.register_buffer("weights", None if class_weights is None else _weights(class_weights, size))

    @classmethod
    def choose(cls, options: Mapping[str, Any], lengths: Int64s) -> dict[str, Any]:
        """The mean for long rows, whose maximum is one of many; see ``NeuralHead.choose``."""
        is_long = len(lengths) > 0 and float(lengths.mean()) > LONG
        return {"pooling": "mean"} if options.get("pooling", "auto") == "auto" and is_long else {}

    def prepare(self, targets: Tensor) -> None:
        """Count the classes for balanced weights; see ``NeuralHead.prepare``."""
        if self.balanced and self.weights is not None:
            counts = targets[targets >= 0].bincount(minlength=self.size)
            self.weights.copy_(counts.sum() / (self.size * counts.clamp(min=1)))

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

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = True
    ) -> Arrays:
        """Predict the most probable label of each row, always with the log-probabilities of all labels."""
        return self._answers(self.pool(states, lengths))

    def predict_pieces(self, pieces: Iterable[Tensor], targets: Tensor, probabilities: bool = True) -> Arrays:
        """See ``NeuralHead.predict_pieces``; no more than one piece is held in memory."""
        pools = [self._running(part) for part in self.pooling.split("+")]
        for states in pieces:
            for pool in pools:
                pool.add(states)
        return self._answers(torch.cat([pool.result() for pool in pools], -1))

    def _running(self, pooling: str) -> RunningPool:
        if pooling == "last":
            return RunningLast(self.shared[0])
        if pooling == "attention":
            return RunningAttention(self.score)
        return RunningMax() if pooling == "max" else RunningMean()

    def _answers(self, pooled: Tensor) -> Arrays:
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
