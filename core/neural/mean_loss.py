"""The mean loss of a split, from the states that its predictions are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from core.neural.base import NeuralHead
from core.types import Array, Arrays


class MeanLoss:
    """Adds up the losses of batches, in nats; a row that is read in pieces is left out."""

    def __init__(self) -> None:
        self.total, self.events, self.known = 0.0, 0, True

    def add(self, head: NeuralHead, states: Tensor, lengths: Tensor, targets: Tensor, answers: Arrays) -> None:
        """Add one batch.

        Args:
            head: computes the loss, unless the answers have the log-probability of each target (kind ``next``).
            states: (B, T, H).
            lengths: int64 (B,).
            targets: see ``NeuralHead.loss``.
            answers: what the head predicts for the batch.
        """
        if "log_prob" in answers:
            self.total -= float(answers["log_prob"].sum(dtype=np.float64))
            self.events += int((targets >= 0).sum())
            return
        try:
            total, count = head.loss(states, lengths, targets)
        except NotImplementedError:  # a head of a plugin that trains by another loss
            self.known = False
            return
        self.total, self.events = self.total + float(total), self.events + int(count)

    def to_array(self) -> Array:
        """All of it: float64 (3,)."""
        return np.array([self.total, self.events, self.known], dtype=np.float64)

    def set(self, parts: Sequence[Array]) -> None:
        """Become the sum of what ``to_array`` returned in several processes."""
        total, events, known = np.sum(parts, axis=0).tolist()
        self.total, self.events, self.known = total, int(events), known == len(parts)

    @property
    def value(self) -> float | None:
        """Nats per event; None where nothing is scored, or the loss is not known or not a number."""
        mean = self.total / self.events if self.known and self.events else math.nan
        return None if math.isnan(mean) else mean
