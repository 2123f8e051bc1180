"""The head of kind ``next``: state t gives a distribution over token t + 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from annotated_types import Gt
from torch import Tensor, nn

from core.errors import ConfigError
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.adaptive_softmax import AdaptiveSoftmax
from core.neural.ops.collation import collate_tensors, scored_events, take_events
from core.neural.ops.dropout import Dropout, DropoutRate
from core.neural.ops.linear_cross_entropy import projection_log_probs, projection_loss
from core.neural.ops.precision import at_least_fp32
from core.types import Arrays, Int64s


class LanguageHead(NeuralHead):
    """A linear map onto the vocabulary and a softmax.

    Args:
        tied: use the embedding's table as the output matrix (Press and Wolf, 2017); states of another size are
            first mapped to the size of its vectors.
        adaptive: ids at which clusters of rarer words begin, such as [2000,10000]: each cluster is one answer of
            the first softmax and has its own softmax on smaller states (Grave et al., 2017; it learns faster with
            train.optimizer=adamw than with sgd); none for a single softmax.
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
        "train.steps": 1050,
        "train.min_epochs": 6,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        tied: bool = False,
        adaptive: list[Annotated[int, Gt(0)]] | None = None,
        dropout: DropoutRate = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.dropout = Dropout(dropout)
        self.resize: nn.Module = nn.Identity()
        self.clusters: AdaptiveSoftmax | None = None
        self.weight: nn.Parameter | None = None
        self.bias: nn.Parameter | None = None
        self.shared = (embedding,)  # in a tuple, so that torch does not register it as a part of the head
        if adaptive is not None:
            if tied:
                what = "the clusters have tables of their own, which cannot be the embedding's"
                raise ConfigError(what, where="head.adaptive", remedy="set head.tied=false, or head.adaptive=none")
            self.clusters = AdaptiveSoftmax(encoder.output_size, size, adaptive)
            return
        self.bias = nn.Parameter(torch.zeros(size))
        if not tied:
            self.weight = nn.Parameter(torch.empty(size, encoder.output_size).uniform_(-0.1, 0.1))
        elif (width := _tied_width(embedding, size)) != encoder.output_size:
            self.resize = nn.Linear(encoder.output_size, width, bias=False)

    @classmethod
    def compile_kernels(cls, options: dict[str, Any], precision: str, tokens: int) -> None:
        """See ``Compiling.compile_kernels``."""
        if precision == "bf16":
            from core.neural.ops.half_projection import compile_errors  # imports numba

            compile_errors()

    @property
    def table(self) -> tuple[Tensor, Tensor]:
        """Matrix (size, H) and bias (size,) of the single softmax."""
        matrix = self.shared[0].weight if self.weight is None else self.weight
        assert matrix is not None and self.bias is not None
        return matrix, self.bias

    def collate(self, targets: Int64s, lengths: Int64s) -> tuple[Any, ...]:
        """What ``scored_events`` returns; with ``adaptive`` the answers in clusters."""
        places, answers = scored_events(targets)
        return places, answers if self.clusters is None else self.clusters.split(answers)

    def loss(
        self, states: Tensor, lengths: Tensor, targets: Tensor, collated: tuple[Any, ...] | None = None
    ) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        if collated is None:
            collated = collate_tensors(self.collate, targets, lengths)
        places, answers = collated
        events = self.resize(self.dropout(take_events(states, places)))  # (N, H)
        if self.clusters is not None:
            return self.clusters.loss_of(events, answers), torch.tensor(len(events))
        return projection_loss(events, *self.table, answers), torch.tensor(len(events))

    def log_probs(self, states: Tensor) -> Tensor:
        """See ``NeuralHead.log_probs``."""
        states = self.resize(states)  # (N, H)
        if self.clusters is not None:
            return self.clusters.log_probs(states)
        return at_least_fp32(nn.functional.linear(states, *self.table)).log_softmax(-1)  # (N, V)

    def predict_pieces(self, pieces: Iterable[Tensor], targets: Tensor, probabilities: bool = False) -> Arrays:
        """See ``NeuralHead.predict_pieces``; no more than one piece is held in memory."""
        found, at = [], 0
        for states in pieces:
            own = targets[:, at : at + states.shape[1]]
            found.append(self.predict(states, torch.tensor([own.shape[1]]), own, probabilities))  # (1, t)
            at += states.shape[1]
        return {name: np.concatenate([part[name] for part in found], 1) for name in found[0]}

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = False
    ) -> Arrays:
        """Log-probability of each target; 0 where nothing is scored."""
        if targets is None:
            raise ValueError("predict of kind next scores the targets: pass targets")
        scored = targets >= 0
        events, answers = self.resize(states[scored]), targets[scored]  # (N, H), (N,)
        if self.clusters is not None:
            log_probs = self.clusters.target_log_probs(events, answers)  # (N,)
        else:
            log_probs = projection_log_probs(events, *self.table, answers)  # (N,)
        log_prob = log_probs.new_zeros(targets.shape)
        log_prob[scored] = log_probs
        return {"log_prob": log_prob.detach().cpu().numpy()}


def _tied_width(embedding: Embedding, size: int) -> int:
    """The size of the vectors of a table that can be the output matrix."""
    if embedding.weight is None:
        remedy = "set head.tied=false, or use one embedding that has a table"
        raise ConfigError("the embedding has no table with one row per word", where="head.tied", remedy=remedy)
    rows, width = embedding.weight.shape
    if rows != size:
        what = f"the embedding's table has {rows} rows for {size} words"
        raise ConfigError(what, where="head.tied", remedy="set head.tied=false")
    return width
