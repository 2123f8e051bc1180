"""The head of kind ``token``: a label for each position, from its state alone or all of a row together."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn

from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.crf import CRF
from core.neural.ops.dropout import Dropout
from core.neural.ops.masking import cleared
from core.types import Arrays


class TaggingHead(NeuralHead):
    """A linear map, and a softmax at each position or a conditional random field over the row.

    Args:
        crf: score the labels of a row together: a weight for each pair of neighbours, for the first and for
            the last; the best row of labels is predicted (Lafferty et al., 2001).
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
        crf: bool = False,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.dropout = Dropout(dropout)
        self.linear = nn.Linear(encoder.output_size, size)
        self.crf = CRF(size) if crf else None

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        scored = targets >= 0
        if self.crf is not None:
            emissions = self.linear(self.dropout(cleared(states, lengths)))  # (B, T, size)
            return self.crf.loss(_wide(emissions), lengths, targets), scored.sum()
        logits = self.linear(self.dropout(states[scored]))  # (N, size)
        return nn.functional.cross_entropy(_wide(logits), targets[scored], reduction="sum"), scored.sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """Of each state alone, with ``crf`` as a row of one token; see ``NeuralHead.log_probs``."""
        logits = _wide(self.linear(states))
        if self.crf is not None:
            logits = logits + self.crf.start + self.crf.end
        return logits.log_softmax(-1)

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """The most probable label at each position; with ``crf`` the most probable labels of the row."""
        logits = self.linear(states)
        label = logits.argmax(-1) if self.crf is None else self.crf.best(_wide(logits), lengths)  # (B, T)
        return {"label": label.detach().cpu().numpy()}


def _wide(logits: Tensor) -> Tensor:
    """Logits in fp32 at least, for sums of exponentials."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
