"""Dropout whose random numbers cost little on a CPU."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

LEVELS = 1 << 16  # a number is kept where 16 random bits are below a bound
SEEDS = 2**62


class Dropout(nn.Module):
    """Sets a share of the numbers to zero in training, and divides the others by the share that is kept.

    On a CPU the bits come from a generator of numpy's that torch's own one seeds at each call, which takes a
    tenth of the time of torch's draws; the share is met to 1 in 65,536.

    Args:
        share: of the numbers that are set to zero (Srivastava et al., 2014).
    """

    def __init__(self, share: float = 0.0) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: Tensor) -> Tensor:
        """The values, some of them zero; in prediction as they are."""
        if not self.training or not self.share or values.device.type != "cpu":
            return nn.functional.dropout(values, self.share, self.training)
        return values * self._factors(values)

    def _factors(self, values: Tensor) -> Tensor:
        """0 where a number is dropped, else 1 / (the share that is kept)."""
        bound = max(1, round(LEVELS * (1 - self.share)))
        bits = np.random.SFC64(int(torch.randint(SEEDS, ()))).random_raw(-(-values.numel() // 4))
        kept = torch.from_numpy(bits.view(np.uint16)[: values.numel()] < bound).view(values.shape)
        return kept.to(values.dtype).mul_(LEVELS / bound)

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"share={self.share}"
