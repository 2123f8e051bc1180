"""The head of kind ``next``: state t gives a distribution over token t + 1."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn

from core.context import Arrays
from core.errors import ConfigError
from core.neural.contract import Embedding, Encoder, NeuralHead
from core.neural.fused import projection_log_probs, projection_loss


class LanguageHead(NeuralHead):
    """A linear map onto the vocabulary and a softmax.

    Args:
        tied: use the embedding's table as the map's matrix (Press and Wolf, 2017).
        dropout: the share of each state's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.2,
        "head.dropout": 0.2,
        "train.optimizer": "sgd",
        "train.learning_rate": 20.0,
        "train.schedule": "plateau",
        "train.clip": 0.25,
        "train.batch_size": 20,
        "train.bptt": 35,
        "train.epochs": 20,
        "train.patience": 3,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        tied: bool = False,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.dropout = nn.Dropout(dropout)
        self.bias = nn.Parameter(torch.zeros(size))
        self.weight: nn.Parameter | None = None
        self.lent = (embedding,)  # a tuple, so that torch does not take it for a part of the head
        if tied:
            _check_tied(encoder, embedding, size)
        else:
            self.weight = nn.Parameter(torch.empty(size, encoder.output_size).uniform_(-0.1, 0.1))

    @property
    def matrix(self) -> Tensor:
        """The map: (size, H)."""
        matrix = self.lent[0].weight if self.weight is None else self.weight
        assert matrix is not None
        return matrix

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        scored = targets >= 0
        chosen = self.dropout(states[scored])  # (N, H)
        return projection_loss(chosen, self.matrix, self.bias, targets[scored]), scored.sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """See ``NeuralHead.log_probs``."""
        logits = nn.functional.linear(states, self.matrix, self.bias)  # (N, V)
        return logits.to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(-1)

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """The log-probability of each target; 0 where nothing is scored."""
        if targets is None:
            raise ValueError("kind next scores the targets: pass them")
        scored = targets >= 0
        found = projection_log_probs(states[scored], self.matrix, self.bias, targets[scored])  # (N,)
        log_prob = found.new_zeros(targets.shape)
        log_prob[scored] = found
        return {"log_prob": log_prob.detach().cpu().numpy()}


def _check_tied(encoder: Encoder, embedding: Embedding, size: int) -> None:
    """A table can be the map only where its shape is the map's."""
    if embedding.weight is None:
        raise ConfigError(
            "this embedding has no table with one row a word",
            where="head.tied",
            remedy="set head.tied=no, or use one embedding that has a table",
        )
    if tuple(embedding.weight.shape) != (size, encoder.output_size):
        raise ConfigError(
            f"the encoder's states have {encoder.output_size} numbers, the embedding's vectors"
            f" {embedding.weight.shape[1]}",
            where="head.tied",
            remedy="make them equal, or set head.tied=no",
        )
