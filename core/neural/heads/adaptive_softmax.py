"""A softmax in clusters: frequent words together, a cluster of rare words only for the events that need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.neural.ops.collation import collate_tensors, take_events
from core.neural.ops.linear_cross_entropy import projection_log_probs, projection_loss
from core.neural.ops.precision import at_least_fp32
from core.types import Int64s

Clusters = tuple[Tensor, ...]  # what ``AdaptiveSoftmax.split`` returns, as tensors
SHRINK = 4  # the states of each cluster have a quarter of the size of the previous cluster's


class AdaptiveSoftmax(nn.Module):
    """P(word) = P(word | head) below the first cutoff, else P(cluster | head) P(word | cluster).

    The distribution over all words is exact, not sampled (Grave et al., 2017). Ids must be ordered by
    falling frequency.

    Args:
        input_size: the size of a state, H.
        size: the number of words, V.
        cutoffs: the first id of each cluster, in rising order.

    Raises:
        ConfigError: the cutoffs do not split ``size`` words.
    """

    def __init__(self, input_size: int, size: int, cutoffs: Sequence[int]) -> None:
        super().__init__()
        _check_cutoffs(cutoffs, size)
        self.edges = [*cutoffs, size]
        self.head = _table(input_size, cutoffs[0] + len(cutoffs))  # its last answers are the clusters
        widths = [max(1, input_size // SHRINK ** (k + 1)) for k in range(len(cutoffs))]
        self.shrink = nn.ModuleList(nn.Linear(input_size, width, bias=False) for width in widths)
        self.tails = nn.ModuleList(
            _table(width, self.edges[k + 1] - self.edges[k]) for k, width in enumerate(widths)
        )

    def split(self, targets: Int64s) -> tuple[Int64s, ...]:
        """The answers in clusters.

        Args:
            targets: int64 (N,).

        Returns:
            The answer of the head to each event (N,), then for each cluster its events and their answers (n,).
        """
        cluster = np.searchsorted(self.edges[:-1], targets, side="right")  # (N,), 0: a word of the head
        parts = [np.where(cluster == 0, targets, self.edges[0] + cluster - 1)]
        for k, start in enumerate(self.edges[:-1]):
            events = np.flatnonzero(cluster == k + 1)
            parts += [events, targets[events] - start]
        return tuple(parts)

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Sum -log P(target) over events: states (N, H), targets int64 (N,) -> a scalar."""
        return self.loss_of(states, self._split(targets))

    def loss_of(self, states: Tensor, clusters: Clusters) -> Tensor:
        """As ``loss``, for targets that ``split`` has put into clusters."""
        parts = self._parts(states, clusters)
        losses = [
            projection_loss(inputs, table.weight, table.bias, answers) for _, inputs, table, answers in parts
        ]
        return torch.stack(losses).sum()

    def target_log_probs(self, states: Tensor, targets: Tensor) -> Tensor:
        """Compute log P(target) of each event: states (N, H), targets int64 (N,) -> (N,)."""
        parts = self._parts(states, self._split(targets))
        _, inputs, table, answers = next(parts)
        log_probs = projection_log_probs(inputs, table.weight, table.bias, answers)  # (N,)
        for events, inputs, table, answers in parts:
            log_probs[events] += projection_log_probs(inputs, table.weight, table.bias, answers)
        return log_probs

    def log_probs(self, states: Tensor) -> Tensor:
        """Log-probabilities of all words: (N, H) -> (N, V)."""
        first = at_least_fp32(self.head(states)).log_softmax(-1)  # (N, cutoff + clusters)
        start = self.edges[0]
        parts = [first[:, :start]]
        for k, (shrink, tail) in enumerate(zip(self.shrink, self.tails, strict=True)):
            parts.append(first[:, start + k, None] + at_least_fp32(tail(shrink(states))).log_softmax(-1))
        return torch.cat(parts, -1)

    def _split(self, targets: Tensor) -> Clusters:
        """``split`` of targets that are on the device already."""
        clusters: Clusters = collate_tensors(self.split, targets)
        return clusters

    def _parts(self, states: Tensor, clusters: Clusters) -> Iterator[tuple[Tensor, Tensor, nn.Linear, Tensor]]:
        """The head, then each cluster: its events (n,), their states (n, width), its table, the answers (n,).

        The first tensor of the head, which answers all events, is of no use.
        """
        first, *others = clusters
        yield first, states, self.head, first
        tails = zip(others[::2], others[1::2], self.shrink, self.tails, strict=True)
        for events, answers, shrink, tail in tails:
            assert isinstance(tail, nn.Linear)
            yield events, shrink(take_events(states, events)), tail, answers


def _check_cutoffs(cutoffs: Sequence[int], size: int) -> None:
    """Check that each cutoff begins a cluster, and that no cluster is empty."""
    edges = [0, *cutoffs, size]
    if not cutoffs or any(a >= b for a, b in zip(edges[:-1], edges[1:], strict=True)):
        what = f"the cutoffs {list(cutoffs)} do not split a vocabulary of {size} words"
        remedy = f"give rising numbers between 1 and {size - 1}, or none"
        raise ConfigError(what, where="head.adaptive", remedy=remedy)


def _table(input_size: int, size: int) -> nn.Linear:
    """A linear map onto answers, initialised like the plain softmax."""
    table = nn.Linear(input_size, size)
    nn.init.uniform_(table.weight, -0.1, 0.1)
    nn.init.zeros_(table.bias)
    return table
