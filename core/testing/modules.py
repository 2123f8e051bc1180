"""The checks that encoders and embeddings share as torch modules."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.neural.trainer_state import random_state, set_random_state

CPU = torch.device("cpu")
M = TypeVar("M", bound=nn.Module)


def load_saved(trained: nn.Module, fresh: nn.Module) -> None:
    """Load the weights of a trained module into a fresh one, as a saved run does."""
    from safetensors.torch import load, save

    fresh.load_state_dict(load(save({name: part.contiguous() for name, part in trained.state_dict().items()})))


def changed_by(module: nn.Module, call: Callable[[], object]) -> str:
    """What a call sets in a module or its parts, other than at a first call; empty if nothing."""
    call()
    before = _state(module)
    call()
    after = _state(module)
    return next((f"sets {name}" for name in after if after[name] != before.get(name)), "")


def _state(module: nn.Module) -> dict[str, object]:
    """Each attribute of a module and of its parts: the object that it is, and how often a tensor has changed."""
    state: dict[str, object] = {}
    for prefix, part in module.named_modules():
        own = {
            **vars(part),
            **dict(part.named_parameters(recurse=False)),
            **dict(part.named_buffers(recurse=False)),
        }
        for name, value in own.items():
            version = value._version if isinstance(value, Tensor) else 0
            state[f"{prefix}.{name}".lstrip(".")] = (
                value if isinstance(value, int | float | str) else id(value),
                version,
            )
    return state


def check_gradients(module: nn.Module, vectors: Tensor) -> None:
    """Check that every trained parameter gets a gradient from the vectors that the module has computed.

    Raises:
        AssertionError: one gets none.
    """
    module.zero_grad()
    (vectors**2).sum().backward()  # type: ignore[no-untyped-call] # torch's own
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            gradient = (
                None if parameter.grad is None else parameter.grad.to_dense()
            )  # that of a table may be sparse
            assert gradient is not None and bool((gradient != 0).any()), f"gradients: none reaches {name}"


def check_resuming(trained: M, fresh: M, call: Callable[[M], Tensor]) -> None:
    """Check that training resumes from a checkpoint as if it had not stopped.

    A checkpoint holds the ``state_dict`` and the states of the global random generators.

    Args:
        trained: the module that is trained, saved, and trained further.
        fresh: one that is new, as in the process that resumes.
        call: what training computes with it.

    Raises:
        AssertionError: the two differ.
    """
    _train(trained, call)
    weights, random = copy.deepcopy(trained.state_dict()), random_state(CPU)
    expected = _train(trained, call)
    fresh.load_state_dict(weights)
    set_random_state(random, CPU)
    rule = "resuming: training that resumes from a checkpoint computes something else; keep all that it depends "
    rule += "on in the state_dict (parameters, register_buffer), and draw random numbers from the global "
    rule += "generators of torch, NumPy or Python"
    assert torch.equal(_train(fresh, call), expected), rule


def _train(module: M, call: Callable[[M], Tensor], steps: int = 3) -> Tensor:
    """Take some steps of gradient descent; returns what the last one has computed."""
    weights = [parameter for parameter in module.train().parameters() if parameter.requires_grad]
    for _ in range(steps):
        module.zero_grad()
        vectors = call(module)
        if vectors.requires_grad:
            (vectors**2).mean().backward()  # type: ignore[no-untyped-call] # torch's own
        with torch.no_grad():
            for weight in weights:
                if weight.grad is not None:
                    weight.sub_(0.1 * weight.grad.to_dense())
    return vectors.detach()
