"""The optimisers: torch's own numbers, without importing torch.compile."""

from __future__ import annotations

import copy
import sys

import pytest
import torch

from core.neural import optimizers

OPTIONS = {"AdamW": {"weight_decay": 0.1}, "SGD": {"momentum": 0.9}}


@pytest.mark.parametrize("name", OPTIONS)
def test_the_numbers_are_those_of_torch_and_torch_compile_is_not_imported(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # an import raises
    start, gradients = torch.randn(40), torch.randn(5, 40)
    options = {"lr": 0.1, "fused": True, **OPTIONS[name]}
    ours = torch.nn.Parameter(start.clone())
    optimizer = getattr(optimizers, name)([ours], **options)
    for number, gradient in enumerate(gradients):
        optimizer.zero_grad(set_to_none=True)
        assert ours.grad is None
        ours.grad = gradient.clone()
        optimizer.step()
        if number == 2:
            state, optimizer = copy.deepcopy(optimizer.state_dict()), getattr(optimizers, name)([ours], lr=9.0)
            optimizer.load_state_dict(state)
    monkeypatch.undo()
    theirs = torch.nn.Parameter(start.clone())
    optimizer = getattr(torch.optim, name)([theirs], **options)
    for gradient in gradients:
        theirs.grad = gradient.clone()
        optimizer.step()
    assert torch.equal(ours, theirs)
