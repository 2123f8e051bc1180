"""Normalisation inside a recurrence: layer norm (Ba et al., 2016) and batch norm (Cooijmans et al., 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from core.neural.ops.masking import inside

Norm = Literal["none", "layer", "batch"]

STEPS = 50  # steps with their own running statistics; later steps share the last ones
MOMENTUM = 0.1
LAYER_EPSILON = 1e-5
BATCH_EPSILON = 1e-3  # the first tokens or states of a batch may all be equal, with a variance near 0


class Step(NamedTuple):
    """One step of a loop over time.

    Args:
        share: (B, 1), 1 / ``rows`` for rows with a token at this step, else 0: the weights of a mean over rows.
        rows: the number of rows with a token at this step.
        position: int64 (B,), the tokens that each row has read before.
        slot: the position of the first row; in training all rows have the same position.
    """

    share: Tensor
    rows: int
    position: Tensor
    slot: int


def steps_of(lengths: Tensor, read: Tensor, steps: int, like: Tensor) -> Iterator[Step]:
    """The steps of a loop over time.

    Args:
        lengths: int64 (B,).
        read: int64 (B,), the tokens that each row has read before the first step.
        steps: T.
        like: a tensor with the dtype of the statistics.
    """
    mask = inside(lengths, steps)  # (B, T)
    share = mask.to(like.dtype) / mask.sum(0).clamp(min=1)  # (B, T)
    positions = read[:, None] + torch.arange(steps, device=read.device)  # (B, T)
    lists = mask.sum(0).tolist(), positions.unbind(1), positions[0].tolist()
    return map(Step, share[..., None].unbind(1), *lists)


class NoNorm(nn.Module):
    """Only adds the shift; the same interface as the other norms."""

    def forward(self, values: Tensor, shift: Tensor, step: Step) -> Tensor:
        """(B, H) -> (B, H)."""
        return values + shift


class LayerNorm(nn.Module):
    """g (a - mean) / sd + b over the features of one row (Ba et al., 2016, eq. 4).

    Args:
        size: features per row.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(size))

    def forward(self, values: Tensor, shift: Tensor, step: Step) -> Tensor:
        """(B, H) -> (B, H)."""
        return nn.functional.layer_norm(values, shift.shape, self.gain, shift, LAYER_EPSILON)


class BatchNorm(nn.Module):
    """g (a - mean) / sd + b over the rows that have a token at this step (Cooijmans et al., 2016, eq. 6).

    Prediction uses running statistics, so that no row depends on another. Each of the first 50 steps has its own,
    since the first states of a row differ from later ones. A step with fewer than two rows also uses them in
    training. The gain starts at 0.1, which keeps tanh from saturating (section 4).

    Args:
        size: features per row.
    """

    mean: Tensor
    variance: Tensor
    count: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((size,), 0.1))
        self.register_buffer("mean", torch.zeros(STEPS, size))
        self.register_buffer("variance", torch.ones(STEPS, size))
        self.register_buffer("count", torch.zeros(STEPS, dtype=torch.int64))

    def forward(self, values: Tensor, shift: Tensor, step: Step) -> Tensor:
        """(B, H) -> (B, H)."""
        values = values.to(self.gain.dtype)  # sums stay in fp32
        if self.training and step.rows > 1:
            mean = (step.share * values).sum(0)  # (H,)
            centred = values - mean
            variance = (step.share * centred.square()).sum(0)  # (H,)
            self.update(mean, variance, step)
        else:
            mean, variance = self.running(step)
            centred = values - mean
        return torch.addcmul(shift, centred, self.gain * (variance + BATCH_EPSILON).rsqrt())

    def running(self, step: Step) -> tuple[Tensor, Tensor]:
        """The running statistics at the position of each row, or at the last position seen in training."""
        last = (self.count.count_nonzero() - 1).clamp(min=0)
        slot = step.position.minimum(last)  # (B,)
        return self.mean[slot], self.variance[slot]  # 2 x (B, H)

    @torch.no_grad()
    def update(self, mean: Tensor, variance: Tensor, step: Step) -> None:
        """Update the running statistics: plain means over the first batches, then exponential averages."""
        slot = min(step.slot, STEPS - 1)
        self.count[slot] += 1
        rate = (1 / self.count[slot]).clamp(min=MOMENTUM).to(mean.dtype)
        self.mean[slot].lerp_(mean, rate)
        self.variance[slot].lerp_(variance * (step.rows / (step.rows - 1)), rate)


def make_norm(name: Norm, size: int) -> nn.Module:
    """A norm inside a cell.

    Args:
        name: the value of the option ``norm``.
        size: features per row.
    """
    return NoNorm() if name == "none" else LayerNorm(size) if name == "layer" else BatchNorm(size)
