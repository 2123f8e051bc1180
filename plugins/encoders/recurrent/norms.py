"""Normalisation inside a recurrence: of layers (Ba et al., 2016), of batches (Cooijmans et al., 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from core.neural.ops.masking import inside

Norm = Literal["none", "layer", "batch"]

STEPS = 50  # steps with running statistics of their own; later ones share the last
MOMENTUM = 0.1
LAYER_EPSILON = 1e-5
BATCH_EPSILON = (
    1e-3  # a batch's first tokens, or states, may all be equal: nothing small is blown up in prediction
)


class Step(NamedTuple):
    """Where a loop over time stands.

    Args:
        share: (B, 1), one over ``rows`` for a row that has a token here, else 0: weights of a mean over rows.
        rows: how many rows have a token here.
        position: int64 (B,), tokens that each row read before this one.
        slot: the first row's position; rows of a training batch start together, so there it is everyone's.
    """

    share: Tensor
    rows: int
    position: Tensor
    slot: int


def steps_of(lengths: Tensor, read: Tensor, steps: int, like: Tensor) -> Iterator[Step]:
    """The steps of a loop over time.

    Args:
        lengths: int64 (B,).
        read: int64 (B,), tokens that each row read before the first step.
        steps: T.
        like: a tensor of the type that statistics have.
    """
    mask = inside(lengths, steps)  # (B, T)
    share = mask.to(like.dtype) / mask.sum(0).clamp(min=1)  # (B, T)
    positions = read[:, None] + torch.arange(steps, device=read.device)  # (B, T)
    lists = mask.sum(0).tolist(), positions.unbind(1), positions[0].tolist()
    return map(Step, share[..., None].unbind(1), *lists)


class NoNorm(nn.Module):
    """The numbers as they are, shifted: what the other two do without their statistics."""

    def forward(self, values: Tensor, shift: Tensor, step: Step) -> Tensor:
        """(B, H) -> (B, H)."""
        return values + shift


class LayerNorm(nn.Module):
    """g (a - mean) / sd + b over the numbers of one row (Ba et al., 2016, eq. 4).

    Args:
        size: numbers a row.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(size))

    def forward(self, values: Tensor, shift: Tensor, step: Step) -> Tensor:
        """(B, H) -> (B, H)."""
        return nn.functional.layer_norm(values, shift.shape, self.gain, shift, LAYER_EPSILON)


class BatchNorm(nn.Module):
    """g (a - mean) / sd + b over the rows that have a token at this step (Cooijmans et al., 2016, eq. 6).

    Prediction takes running statistics, so that no row depends on another: each of the first 50 steps has
    its own, since the first states of a row differ from later ones. A step with fewer than two rows takes
    them in training too. The gain starts at 0.1, which keeps tanh away from its flat ends (section 4).

    Args:
        size: numbers a row.
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
            self.take_in(mean, variance, step)
        else:
            mean, variance = self.running(step)
            centred = values - mean
        return torch.addcmul(shift, centred, self.gain * (variance + BATCH_EPSILON).rsqrt())

    def running(self, step: Step) -> tuple[Tensor, Tensor]:
        """The statistics of training at each row's position, or at the last that training has seen."""
        last = (self.count.count_nonzero() - 1).clamp(min=0)
        slot = step.position.minimum(last)  # (B,)
        return self.mean[slot], self.variance[slot]  # 2 x (B, H)

    @torch.no_grad()
    def take_in(self, mean: Tensor, variance: Tensor, step: Step) -> None:
        """Move the running statistics; they start as plain means of the first batches'."""
        slot = min(step.slot, STEPS - 1)
        self.count[slot] += 1
        rate = (1 / self.count[slot]).clamp(min=MOMENTUM).to(mean.dtype)
        self.mean[slot].lerp_(mean, rate)
        self.variance[slot].lerp_(variance * (step.rows / (step.rows - 1)), rate)


def make_norm(kind: Norm, size: int) -> nn.Module:
    """A norm of numbers inside a cell.

    Args:
        kind: which.
        size: numbers a row.
    """
    return NoNorm() if kind == "none" else LayerNorm(size) if kind == "layer" else BatchNorm(size)
