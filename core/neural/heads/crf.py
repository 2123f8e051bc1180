"""A linear-chain conditional random field: the labels of a row are scored together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.data.schemes import FORBIDDEN, Allowed
from core.neural.ops.masking import cleared, inside


class CRF(nn.Module):
    """Scores a path y of labels: start[y_1] + sum_t emission_t[y_t] + sum_t transitions[y_t-1, y_t] + end[y_T].

    The probability of a path is exp(score) divided by the sum over all paths (Lafferty et al., 2001; on a
    BiLSTM: Huang et al., 2015). The empty path of an empty row has score 0. The initial weights are 0, so the
    labels of a row start out independent: a softmax at each position.

    ``constrain`` leaves out the paths that a scheme of labels does not allow. Training leaves out transitions
    only, since a piece of a longer row may begin or end inside a span.

    Emissions beyond a row's length may be anything.

    Args:
        size: the number of labels K.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(size, size))  # from, to
        self.start = nn.Parameter(torch.zeros(size))
        self.end = nn.Parameter(torch.zeros(size))
        self.register_buffer("no_first", torch.zeros(size), persistent=False)  # 0 or FORBIDDEN
        self.register_buffer("no_next", torch.zeros(size, size), persistent=False)
        self.register_buffer("no_last", torch.zeros(size), persistent=False)
        self.no_first: Tensor
        self.no_next: Tensor
        self.no_last: Tensor

    def constrain(self, allowed: Allowed) -> None:
        """Leave out paths with a first label, a transition or a last label that is not allowed."""
        for own, mask in zip((self.no_first, self.no_next, self.no_last), allowed, strict=True):
            own.copy_(torch.from_numpy(~mask) * FORBIDDEN)

    def loss(self, emissions: Tensor, lengths: Tensor, labels: Tensor, has_unknown: bool | None = None) -> Tensor:
        """Sum -log P(labels) over rows: emissions (B, T, K), lengths (B,), labels (B, T) -> a scalar.

        A negative label is unknown, and all labels of its position are summed over. Whether there is one is looked
        up unless ``has_unknown`` says it, and on a GPU the host waits for that. Such a path may have transitions
        that are not allowed: those between unknown labels are.
        """
        if has_unknown is None:
            has_unknown = bool((inside(lengths, emissions.shape[1]) & (labels < 0)).any())
        total = self.log_partition(emissions, lengths, self.transitions + self.no_next)
        if has_unknown:  # all paths through the known labels
            allowed = (labels < 0)[..., None] | nn.functional.one_hot(labels.clamp(min=0), len(self.start)).bool()
            true = self.log_partition(emissions.masked_fill(~allowed, -torch.inf), lengths, self.transitions)
            true = torch.minimum(true, total)  # a probability, although more paths are summed over
        else:
            true = self.score(emissions, lengths, labels)
        return (total - true).sum()

    def score(self, emissions: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        """Score one path per row: emissions (B, T, K), lengths (B,), labels (B, T) -> (B,)."""
        here = inside(lengths, emissions.shape[1])  # (B, T)
        labels = labels.masked_fill(~here, 0)
        emitted = emissions.gather(2, labels[..., None])[..., 0].masked_fill(~here, 0.0)  # (B, T)
        moved = self.transitions[labels[:, :-1], labels[:, 1:]].masked_fill(~here[:, 1:], 0.0)  # (B, T - 1)
        last = labels.gather(1, (lengths - 1).clamp(min=0)[:, None])[:, 0]  # (B,)
        ends = (self.start[labels[:, 0]] + self.end[last]).masked_fill(lengths == 0, 0.0)
        return emitted.sum(1) + moved.sum(1) + ends

    def log_partition(self, emissions: Tensor, lengths: Tensor, transitions: Tensor | None = None) -> Tensor:
        """Log of the sum of exp(score) over all paths, by the forward algorithm in log space.

        emissions (B, T, K) with T >= 1, lengths (B,), transitions (K, K) or its own -> (B,), 0 for an empty row.
        """
        transitions = self.transitions if transitions is None else transitions
        here = inside(lengths, emissions.shape[1])[..., None].unbind(1)  # T x (B, 1)
        first, *others = cleared(emissions, lengths).unbind(1)  # T x (B, K)
        alpha = self.start + first  # (B, K): log sum over the paths that end in each label
        for emitted, is_token in zip(others, here[1:], strict=True):
            following = (alpha[:, :, None] + transitions).logsumexp(1) + emitted  # (B, K)
            alpha = torch.where(is_token, following, alpha)
        return (alpha + self.end).logsumexp(1).masked_fill(lengths == 0, 0.0)

    def best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Find the path with the highest score, by Viterbi's algorithm.

        emissions (B, T, K) with T >= 1, lengths (B,) -> int64 (B, T), padded with the row's last label.
        """
        rows, steps, size = emissions.shape
        start, transitions, end = self._allowed()
        here = inside(lengths, steps)[..., None]  # (B, T, 1)
        best, same = start + emissions[:, 0], torch.arange(size, device=emissions.device)
        origins = same.new_empty(steps, rows, size, dtype=_smallest(size))  # the previous label of each label
        for t in range(1, steps):
            top, origin = (best[:, :, None] + transitions).max(1)  # (B, K)
            best = torch.where(here[:, t], top + emissions[:, t], best)
            origins[t] = torch.where(here[:, t], origin, same)
        path = same.new_empty(steps, rows)
        path[-1] = (best + end).argmax(1)
        for t in range(steps - 1, 0, -1):
            path[t - 1] = origins[t].long().gather(1, path[t][:, None])[:, 0]
        return path.T  # (B, T)

    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Compute log P(label at t) over all paths of the row, by the forward-backward algorithm in log space.

        emissions (B, T, K) with T >= 1, lengths (B,) -> (B, T, K); anything beyond the lengths.
        """
        steps, (start, transitions, end) = emissions.shape[1], self._allowed()
        here, emissions = inside(lengths, steps)[..., None], cleared(emissions, lengths)
        alpha = start + emissions[:, 0]  # (B, K): log sum over the paths that end in each label
        sums = torch.empty_like(emissions)  # (B, T, K)
        sums[:, 0] = alpha
        for t in range(1, steps):
            following = (alpha[:, :, None] + transitions).logsumexp(1) + emissions[:, t]  # (B, K)
            sums[:, t] = alpha = torch.where(here[:, t], following, alpha)
        beta = end.expand_as(alpha)  # (B, K): log sum over the rests of the paths after each label
        sums[:, -1] += beta
        for t in range(steps - 1, 0, -1):
            before = (transitions + (emissions[:, t] + beta)[:, None]).logsumexp(2)  # (B, K)
            beta = torch.where(here[:, t], before, beta)
            sums[:, t - 1] += beta
        return sums.log_softmax(-1)

    def _allowed(self) -> tuple[Tensor, Tensor, Tensor]:
        """The weights of first labels, transitions and last labels, with those that are not allowed."""
        return self.start + self.no_first, self.transitions + self.no_next, self.end + self.no_last


def _smallest(size: int) -> torch.dtype:
    """The type of the numbers below ``size`` that takes the least memory: a row may have a million labels."""
    return torch.uint8 if size <= 256 else torch.int16 if size <= 1 << 15 else torch.int64
