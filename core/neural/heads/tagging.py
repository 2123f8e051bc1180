"""The head of kind ``token``: a label for each position, predicted separately or jointly for a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from core.data.schemes import allowed
from core.data.vocab import Vocab
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.crf import CRF
from core.neural.ops.collation import collate_tensors, scored_events, take_events
from core.neural.ops.dropout import Dropout, DropoutRate
from core.neural.ops.masking import cleared
from core.neural.ops.precision import at_least_fp32
from core.types import Arrays, Int64s


class TaggingHead(NeuralHead):
    """A linear map, and a softmax at each position or a conditional random field over the row.

    Args:
        crf: score the labels of a row together, with weights for each pair of adjacent labels and for the first
            and last label; predict the best label sequence of the row (Lafferty et al., 2001).
        constrained: where labels mark spans, predict only sequences that their scheme allows; with ``crf``
            training allows no other transitions either.
        dropout: the share of each state's numbers that training sets to zero.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.4,
        "head.dropout": 0.4,
        "train.optimizer": "adamw",
        "train.learning_rate": 3e-3,
        "train.schedule": "linear",
        "train.steps": 1100,
        "train.min_epochs": 6,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        crf: bool = False,
        constrained: bool = True,
        dropout: DropoutRate = 0.0,
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.dropout = Dropout(dropout)
        self.linear = nn.Linear(encoder.output_size, size)
        self.crf = CRF(size) if crf else None
        self.constrained = constrained
        self.valid: CRF | None = None  # without ``crf``, all weights 0: finds the best sequence that is allowed

    def read_labels(self, labels: Vocab) -> None:
        """See ``NeuralHead.read_labels``; a scheme of the labels says what is predicted."""
        if self.constrained and (rules := allowed(labels)) is not None:
            if self.crf is None:
                self.valid = CRF(self.size).requires_grad_(False)
            paths = self.crf or self.valid
            assert paths is not None
            paths.constrain(rules)

    def collate(self, targets: Int64s, lengths: Int64s) -> tuple[Any, ...]:
        """What ``scored_events`` returns; with ``crf`` the number of labels, and whether a token has none."""
        if self.crf is None:
            return scored_events(targets)
        known, inner = targets >= 0, np.arange(targets.shape[1]) < lengths[:, None]  # (B, T)
        return int(known.sum()), bool((inner & ~known).any())

    def loss(
        self, states: Tensor, lengths: Tensor, targets: Tensor, collated: tuple[Any, ...] | None = None
    ) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``."""
        if collated is None:
            collated = collate_tensors(self.collate, targets, lengths)
        if self.crf is not None:
            count, has_unknown = collated
            emissions = self.linear(self.dropout(cleared(states, lengths)))  # (B, T, size)
            loss = self.crf.loss(at_least_fp32(emissions), lengths, targets, has_unknown)
            return loss, torch.tensor(count)
        places, answers = collated
        logits = at_least_fp32(self.linear(self.dropout(take_events(states, places))))  # (N, size)
        loss = nn.functional.cross_entropy(logits, answers, reduction="sum")
        return loss, torch.tensor(len(answers))

    def log_probs(self, states: Tensor) -> Tensor:
        """See ``NeuralHead.log_probs``; with ``crf`` each state is a row of one token."""
        logits = at_least_fp32(self.linear(states))
        if self.crf is not None:
            logits = logits + self.crf.start + self.crf.no_first + self.crf.end + self.crf.no_last
        return logits.log_softmax(-1)

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = False
    ) -> Arrays:
        """Predict the most probable label of each position; with ``crf`` or a scheme the best sequence of the row.

        The probabilities of a position sum over all label sequences of the row that are allowed.
        """
        return self._answers(self.linear(states), lengths, probabilities)

    def predict_pieces(self, pieces: Iterable[Tensor], targets: Tensor, probabilities: bool = False) -> Arrays:
        """See ``NeuralHead.predict_pieces``; only the logits of the whole row are held in memory."""
        logits = torch.cat([self.linear(states) for states in pieces], 1)  # (1, T, size)
        return self._answers(logits, torch.tensor([logits.shape[1]], device=logits.device), probabilities)

    def _answers(self, logits: Tensor, lengths: Tensor, probabilities: bool) -> Arrays:
        """Labels (B, T), and if asked for the log-probabilities of all labels (B, T, size)."""
        if (paths := self.crf or self.valid) is None:
            answers = {"label": logits.argmax(-1)}
            if probabilities:
                answers["log_probs"] = at_least_fp32(logits).log_softmax(-1)
        else:
            emissions = at_least_fp32(logits)
            answers = {"label": paths.best(emissions, lengths)}
            if probabilities:
                answers["log_probs"] = paths.marginals(emissions, lengths)
        return {name: array.detach().cpu().numpy() for name, array in answers.items()}
