"""The head of kind ``next``: state t gives a distribution over token t + 1."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from core.errors import ConfigError
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.adaptive_softmax import AdaptiveSoftmax
from core.neural.ops.dropout import Dropout
from core.neural.ops.linear_cross_entropy import projection_log_probs, projection_loss
from core.types import Arrays


class LanguageHead(NeuralHead):
    """A linear map onto the vocabulary and a softmax.

    Args:
        tied: use the embedding's table as the map's matrix (Press and Wolf, 2017); states of another size than
            its vectors are first mapped onto theirs.
        adaptive: ids at which clusters of rarer words begin, as [2000,10000]: each cluster is one answer of the
            first softmax and has its own, on smaller states (Grave et al., 2017; it learns faster with
            train.optimizer=adamw than with sgd); none for one softmax.
        dropout: the share of each state's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.2,
        "embedding.scale": 4.0,  # plain SGD starts faster from longer vectors
        "head.dropout": 0.2,
        "train.optimizer": "sgd",
        "train.learning_rate": 20.0,
        "train.schedule": "linear",
        "train.clip": 0.25,
        "train.batch_size": 20,
        "train.bptt": 20,
        "train.epochs": 6,
        "train.patience": 3,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        tied: bool = False,
        adaptive: list[Annotated[int, Gt(0)]] | None = None,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.dropout = Dropout(dropout)
        self.resize: nn.Module = nn.Identity()
        self.clusters: AdaptiveSoftmax | None = None
        self.weight: nn.Parameter | None = None
        self.bias: nn.Parameter | None = None
        self.lent = (embedding,)  # a tuple, so that torch does not take it for a part of the head
        if adaptive is not None:
            _check_adaptive(tied)
            self.clusters = AdaptiveSoftmax(encoder.output_size, size, adaptive)
            return
        self.bias = nn.Parameter(torch.zeros(size))
        if not tied:
            self.weight = nn.Parameter(torch.empty(size, encoder.output_size).uniform_(-0.1, 0.1))
        elif (width := _tied_width(embedding, size)) != encoder.output_size:
            self.resize = nn.Linear(encoder.output_size, width, bias=False)

    @property
    def table(self) -> tuple[Tensor, Tensor]:
        """The map of the one softmax: matrix (size, H), bias (size,)."""
        matrix = self.lent[0].weight if self.weight is None else self.weight
        assert matrix is not None and self.bias is not None
        return matrix, self.bias

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        scored = targets >= 0
        chosen = self.resize(self.dropout(states[scored]))  # (N, H)
        if self.clusters is not None:
            return self.clusters.loss(chosen, targets[scored]), scored.sum()
        return projection_loss(chosen, *self.table, targets[scored]), scored.sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """See ``NeuralHead.log_probs``."""
        states = self.resize(states)  # (N, H)
        if self.clusters is not None:
            return self.clusters.log_probs(states)
        logits = nn.functional.linear(states, *self.table)  # (N, V)
        return logits.to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(-1)

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """The log-probability of each target; 0 where nothing is scored."""
        if targets is None:
            raise ValueError("kind next scores the targets: pass them")
        scored = targets >= 0
        chosen, answers = self.resize(states[scored]), targets[scored]  # (N, H), (N,)
        if self.clusters is not None:
            found = self.clusters.target_log_probs(chosen, answers)  # (N,)
        else:
            found = projection_log_probs(chosen, *self.table, answers)  # (N,)
        log_prob = found.new_zeros(targets.shape)
        log_prob[scored] = found
        return {"log_prob": log_prob.detach().cpu().numpy()}


def _tied_width(embedding: Embedding, size: int) -> int:
    """The size of the vectors of a table that can be the map."""
    if embedding.weight is None:
        raise ConfigError(
            "this embedding has no table with one row a word",
            where="head.tied",
            remedy="set head.tied=false, or use one embedding that has a table",
        )
    rows, width = embedding.weight.shape
    if rows != size:
        raise ConfigError(
            f"the embedding's table has {rows} rows for {size} words",
            where="head.tied",
            remedy="set head.tied=false",
        )
    return width


def _check_adaptive(tied: bool) -> None:
    """Clusters read states of other sizes than the embedding's vectors."""
    if tied:
        raise ConfigError(
            "the clusters have tables of their own, of other sizes than the embedding's",
            where="head.adaptive",
            remedy="set head.tied=false, or head.adaptive=none",
        )
