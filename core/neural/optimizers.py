"""Torch's optimisers without ``torch.compile``, whose import takes longer than that of torch itself."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch.optim import Optimizer


class _Eager(Optimizer):
    """Calls the methods of torch's optimiser below the wrappers that import ``torch._dynamo``.

    The wrappers only tell ``torch.compile`` to leave the methods alone; the numbers are the same.
    """

    add_param_group = inspect.unwrap(Optimizer.add_param_group)
    zero_grad = inspect.unwrap(Optimizer.zero_grad)
    state_dict = inspect.unwrap(Optimizer.state_dict)
    load_state_dict = inspect.unwrap(Optimizer.load_state_dict)


class AdamW(_Eager, torch.optim.AdamW):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    def step(self, closure: None = None) -> None:  # type: ignore[override] # no closures here
        """Take one step."""
        _step(torch.optim.AdamW, self)


class SGD(_Eager, torch.optim.SGD):
    """Stochastic gradient descent, with momentum if wanted."""

    def step(self, closure: None = None) -> None:  # type: ignore[override] # no closures here
        """Take one step."""
        _step(torch.optim.SGD, self)


def _step(base: Any, optimizer: Optimizer) -> None:
    """One step of torch's own class, without gradients."""
    with torch.no_grad():
        inspect.unwrap(base.step)(optimizer)
