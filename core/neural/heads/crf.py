"""A linear-chain conditional random field: the labels of a row are scored together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.neural.ops.masking import cleared, inside


class CRF(nn.Module):
    """A path y of labels has the score start[y_1] + sum_t emission_t[y_t] + sum_t moves[y_t-1, y_t] + end[y_T].

    Its probability is exp(score) over the sum of that over all paths (Lafferty et al., 2001; on a BiLSTM:
    Huang et al., 2015). The empty path of an empty row has score 0. With the first weights, which are 0, the
    labels of a row are independent: a softmax at each position.

    Emissions beyond a row's length may be anything.

    Args:
        size: the number of labels K.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.moves = nn.Parameter(torch.zeros(size, size))  # from, to
        self.start = nn.Parameter(torch.zeros(size))
        self.end = nn.Parameter(torch.zeros(size))

    def loss(self, emissions: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        """The sum over rows of -log P(labels); positions without a label are summed over.

        Args:
            emissions: float (B, T, K).
            lengths: int64 (B,).
            labels: int64 (B, T); negative where the label is not known.

        Returns:
            A scalar.
        """
        here = inside(lengths, emissions.shape[1])  # (B, T)
        if bool((here & (labels < 0)).any()):  # all paths through the labels that are known
            allowed = (labels < 0)[..., None] | nn.functional.one_hot(labels.clamp(min=0), len(self.start)).bool()
            true = self.log_partition(emissions.masked_fill(~allowed, -torch.inf), lengths)
        else:
            true = self.score(emissions, lengths, labels)
        return (self.log_partition(emissions, lengths) - true).sum()

    def score(self, emissions: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        """The score of one path a row: emissions (B, T, K), lengths (B,), labels (B, T) -> (B,)."""
        here = inside(lengths, emissions.shape[1])  # (B, T)
        labels = labels.masked_fill(~here, 0)
        emitted = emissions.gather(2, labels[..., None])[..., 0].masked_fill(~here, 0.0)  # (B, T)
        moved = self.moves[labels[:, :-1], labels[:, 1:]].masked_fill(~here[:, 1:], 0.0)  # (B, T - 1)
        last = labels.gather(1, (lengths - 1).clamp(min=0)[:, None])[:, 0]  # (B,)
        ends = (self.start[labels[:, 0]] + self.end[last]).masked_fill(lengths == 0, 0.0)
        return emitted.sum(1) + moved.sum(1) + ends

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """log of the sum of exp(score) over all paths, by the forward algorithm in log space.

        Args:
            emissions: float (B, T, K), T >= 1.
            lengths: int64 (B,).

        Returns:
            (B,), 0 for an empty row.
        """
        going, emissions = inside(lengths, emissions.shape[1])[..., None], cleared(emissions, lengths)
        alpha = self.start + emissions[:, 0]  # (B, K): log sum over the paths that end in each label
        for t in range(1, emissions.shape[1]):
            following = (alpha[:, :, None] + self.moves).logsumexp(1) + emissions[:, t]  # (B, K)
            alpha = torch.where(going[:, t], following, alpha)
        return (alpha + self.end).logsumexp(1).masked_fill(lengths == 0, 0.0)

    def best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The path of the highest score, by Viterbi's algorithm.

        Args:
            emissions: float (B, T, K), T >= 1.
            lengths: int64 (B,).

        Returns:
            int64 (B, T); beyond a row's length the row's last label again.
        """
        going = inside(lengths, emissions.shape[1])[..., None]  # (B, T, 1)
        best, stay = self.start + emissions[:, 0], torch.arange(len(self.start), device=emissions.device)
        came: list[Tensor] = []  # from which label, for each label at t + 1
        for t in range(1, emissions.shape[1]):
            top, origin = (best[:, :, None] + self.moves).max(1)  # (B, K)
            best = torch.where(going[:, t], top + emissions[:, t], best)
            came.append(torch.where(going[:, t], origin, stay))
        path = [(best + self.end).argmax(1)]
        for origin in reversed(came):
            path.append(origin.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], 1)  # (B, T)
