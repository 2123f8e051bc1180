"""A softmax in clusters: frequent words at once, a cluster of rare ones only for the events that need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.neural.ops.linear_cross_entropy import projection_log_probs, projection_loss

SHRINK = 4  # each cluster reads states of a quarter of the size of the cluster's before it


class AdaptiveSoftmax(nn.Module):
    """P(word) = P(word | head) below the first cutoff, else P(cluster | head) P(word | cluster).

    The distribution over all words is exact, not sampled (Grave et al., 2017). Ids must be ordered by
    falling frequency.

    Args:
        input_size: the size of a state, H.
        size: the number of words, V.
        cutoffs: the first id of each cluster, rising.

    Raises:
        ConfigError: the cutoffs do not cut ``size`` words.
    """

    def __init__(self, input_size: int, size: int, cutoffs: Sequence[int]) -> None:
        super().__init__()
        _check_cutoffs(cutoffs, size)
        self.register_buffer("cutoffs", torch.tensor(cutoffs), persistent=False)
        self.edges = [*cutoffs, size]
        self.head = _table(input_size, cutoffs[0] + len(cutoffs))  # its last answers are the clusters
        widths = [max(1, input_size // SHRINK ** (k + 1)) for k in range(len(cutoffs))]
        self.shrink = nn.ModuleList(nn.Linear(input_size, width, bias=False) for width in widths)
        self.tails = nn.ModuleList(
            _table(width, self.edges[k + 1] - self.edges[k]) for k, width in enumerate(widths)
        )

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """The sum over events of -log P(target): states (N, H), targets int64 (N,) -> a scalar."""
        parts = [
            projection_loss(inputs, table.weight, table.bias, answers)
            for _, inputs, table, answers in self._parts(states, targets)
        ]
        return torch.stack(parts).sum()

    def target_log_probs(self, states: Tensor, targets: Tensor) -> Tensor:
        """log P(target) of each event: states (N, H), targets int64 (N,) -> (N,)."""
        parts = self._parts(states, targets)
        _, inputs, table, answers = next(parts)
        found = projection_log_probs(inputs, table.weight, table.bias, answers)  # (N,)
        for mine, inputs, table, answers in parts:
            found[mine] += projection_log_probs(inputs, table.weight, table.bias, answers)
        return found

    def log_probs(self, states: Tensor) -> Tensor:
        """The log-probability of every word: (N, H) -> (N, V)."""
        first = _wide(self.head(states)).log_softmax(-1)  # (N, cutoff + clusters)
        start = self.edges[0]
        found = [first[:, :start]]
        for k, (shrink, tail) in enumerate(zip(self.shrink, self.tails, strict=True)):
            found.append(first[:, start + k, None] + _wide(tail(shrink(states))).log_softmax(-1))
        return torch.cat(found, -1)

    def _parts(self, states: Tensor, targets: Tensor) -> Iterator[tuple[Tensor, Tensor, nn.Linear, Tensor]]:
        """The head, then each cluster: which events (N,), their states (n, width), the table, the answers (n,)."""
        cluster = torch.bucketize(
            targets, self.get_buffer("cutoffs"), right=True
        )  # (N,), 0: among the head's words
        first = torch.where(cluster == 0, targets, self.edges[0] + cluster - 1)
        yield torch.ones_like(targets, dtype=torch.bool), states, self.head, first
        for k, (shrink, tail) in enumerate(zip(self.shrink, self.tails, strict=True)):
            assert isinstance(tail, nn.Linear)
            mine = cluster == k + 1
            yield mine, shrink(states[mine]), tail, targets[mine] - self.edges[k]


def _check_cutoffs(cutoffs: Sequence[int], size: int) -> None:
    """Each cutoff begins a cluster, and none is empty."""
    edges = [0, *cutoffs, size]
    if not cutoffs or any(a >= b for a, b in zip(edges[:-1], edges[1:], strict=True)):
        raise ConfigError(
            f"the cutoffs {list(cutoffs)} do not cut a vocabulary of {size} words",
            where="head.adaptive",
            remedy=f"give numbers that rise between 1 and {size - 1}, or none",
        )


def _table(input_size: int, size: int) -> nn.Linear:
    """A map onto answers with the first weights of the plain softmax."""
    table = nn.Linear(input_size, size)
    nn.init.uniform_(table.weight, -0.1, 0.1)
    nn.init.zeros_(table.bias)
    return table


def _wide(logits: Tensor) -> Tensor:
    """Logits in fp32 at least, for sums of exponentials."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
