"""The checks that encoders and embeddings share as torch modules."""

from __future__ import annotations

from torch import Tensor, nn


def load_saved(trained: nn.Module, fresh: nn.Module) -> None:
    """Load the weights of a trained module into a fresh one, as a saved run does."""
    from safetensors.torch import load, save

    fresh.load_state_dict(load(save({name: part.contiguous() for name, part in trained.state_dict().items()})))


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
