"""The precision of sums of exponentials, which must not depend on that of the network."""

from __future__ import annotations

import torch
from torch import Tensor


def at_least_fp32(logits: Tensor) -> Tensor:
    """Logits in fp32, or in their own type if it is wider."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
