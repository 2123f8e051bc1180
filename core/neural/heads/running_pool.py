"""The pooled vector of a row whose states arrive in pieces: the same as of the whole row."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.neural.base import Encoder


class RunningPool:
    """One way of pooling; ``add`` takes the next states, (1, t, H) with t >= 1, ``result`` gives (1, H)."""

    def add(self, states: Tensor) -> None:
        """Take the next states of the row."""
        raise NotImplementedError

    def result(self) -> Tensor:
        """The pooled vector of all states so far."""
        raise NotImplementedError


class RunningMean(RunningPool):
    """The mean of the states."""

    def __init__(self) -> None:
        self.total: Tensor | float = 0.0
        self.count = 0

    def add(self, states: Tensor) -> None:
        """See ``RunningPool``."""
        self.total, self.count = self.total + states.sum(1), self.count + states.shape[1]

    def result(self) -> Tensor:
        """See ``RunningPool``."""
        return torch.as_tensor(self.total) / max(1, self.count)


class RunningMax(RunningPool):
    """The maximum of each number of the states."""

    def __init__(self) -> None:
        self.top: Tensor | None = None

    def add(self, states: Tensor) -> None:
        """See ``RunningPool``."""
        top = states.amax(1)
        self.top = top if self.top is None else self.top.maximum(top)

    def result(self) -> Tensor:
        """See ``RunningPool``."""
        assert self.top is not None
        return self.top


class RunningLast(RunningPool):
    """What ``Encoder.last`` selects, which is at the two ends of the row."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.ends: Tensor | None = None  # (1, 2, H)

    def add(self, states: Tensor) -> None:
        """See ``RunningPool``."""
        first = states[:, :1] if self.ends is None else self.ends[:, :1]
        self.ends = torch.cat([first, states[:, -1:]], 1)

    def result(self) -> Tensor:
        """See ``RunningPool``."""
        assert self.ends is not None
        return self.encoder.last(self.ends, torch.full_like(self.ends[:, 0, 0], 2, dtype=torch.int64))


class RunningAttention(RunningPool):
    """The mean of the states weighted by the softmax of their scores; ``score`` maps (1, t, H) to (1, t, 1)."""

    def __init__(self, score: Callable[[Tensor], Tensor]) -> None:
        self.score = score
        self.peak: Tensor | None = None  # (1, 1), the highest score so far
        self.weight: Tensor | float = 0.0  # the sum of exp(score - peak)
        self.total: Tensor | float = 0.0  # the sum of exp(score - peak) times the state

    def add(self, states: Tensor) -> None:
        """See ``RunningPool``."""
        scores = self.score(states)  # (1, t, 1)
        top = scores.amax(1)
        peak = top if self.peak is None else self.peak.maximum(top)
        earlier = 0.0 if self.peak is None else (self.peak - peak).exp()
        weights = (scores - peak[:, None]).exp()
        self.total = self.total * earlier + (weights * states).sum(1)
        self.weight = self.weight * earlier + weights.sum(1)
        self.peak = peak

    def result(self) -> Tensor:
        """See ``RunningPool``."""
        return torch.as_tensor(self.total) / self.weight
