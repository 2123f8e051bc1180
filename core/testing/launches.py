"""What a training step asks of a GPU, counted without one: kernels, copies to it, and waits of the host.

The step runs on torch's device ``meta``, whose tensors have shapes and no values. Whatever needs a value on the
host (``item``, ``tolist``, a boolean index, ``unique``, a copy to the CPU) raises an error there, so a step that
ends makes the host wait for nothing. Every operation that torch dispatches and that is not a view counts as one
kernel. A GPU launches several for some of them, such as a sort and a whole recurrence of cuDNN.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from core.data.corpus import Corpus
from core.model.context import Context
from core.neural.model import NeuralModel
from core.neural.trainer import Trainer

META = torch.device("meta")
FREE = ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided", "_unsafe_view", "lift_fresh")
WITHOUT_SHAPES = ("_fused_sgd_",)  # in place, and torch cannot run it on meta
RECURRENCES = ("lstm", "gru", "rnn_tanh", "rnn_relu")  # torch's own operations, which are one call of cuDNN


class Launches(TorchDispatchMode):  # type: ignore[no-untyped-call] # torch's own
    """Counts while it is entered.

    Attributes:
        kernels: operation -> how often it is launched.
        copies: copies from the host to the device.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # torch's own
        self.kernels: Counter[str] = Counter()
        self.copies = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        result = None if name in WITHOUT_SHAPES else func(*args, **(kwargs or {}))
        given, made = _devices(args), _devices(result)
        if META in given | made and not func.is_view and name not in FREE:
            if name == "_to_copy" and META not in given:
                self.copies += 1
            else:
                self.kernels[name] += 1
        return result


def _devices(values: Any) -> set[torch.device]:
    return {leaf.device for leaf in tree_leaves(values) if isinstance(leaf, Tensor)}


def training_launches(
    model: NeuralModel, train: Corpus, dev: Corpus, context: Context, steps: int = 4
) -> Launches:
    """The launches of that one of some training steps, in fp32, which has the most.

    Args:
        model: its network exists, and loses its weights.
        train: the training split.
        dev: not read.
        context: metrics and observers.
        steps: the number of steps, fewer than between two readings of the losses.

    Raises:
        NotImplementedError, RuntimeError: a step needs a value on the host.
    """
    model.network.to(META)
    model.device = META
    with _like_cuda():
        trainer = Trainer(model, train, dev, context, **model.design.train)
        trainer.progress.step = 1  # the loss of the first step is read at once
        plan, counted = trainer.batches.plan(0), list[Launches]()
        for item in (plan[number % len(plan)] for number in range(steps + 1)):
            batch = trainer.batches.collate(item)
            with Launches() as launches:
                trainer.step(batch)
            counted.append(launches)
    later = counted[1:]  # the first step creates the state of the optimiser
    return max(later, key=lambda launches: launches.kernels.total())


@contextmanager
def _like_cuda() -> Iterator[None]:
    """Make torch choose on meta what it chooses on CUDA: fused optimisers, dropout and recurrences."""
    with ExitStack() as stack:
        for module, name in (
            ("torch.optim.optimizer", "_get_fused_kernels_supported_devices"),
            ("torch.utils._foreach_utils", "_get_foreach_kernels_supported_devices"),
        ):
            stack.enter_context(patch(f"{module}.{name}", lambda: ["meta"]))
        stack.enter_context(patch("torch.autocast", lambda *_, **__: nullcontext()))
        stack.enter_context(patch("torch.is_autocast_enabled", lambda *_: False))
        stack.enter_context(patch("torch.nn.functional.dropout", _dropout))
        for name in RECURRENCES:
            stack.enter_context(patch.object(torch._VF, name, _recurrence, create=True))
        yield


def _dropout(values: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    return torch.native_dropout(values, p, training)[0] if training and p else values


def _recurrence(inputs: Tensor, *given: Any) -> tuple[Tensor, ...]:
    """``torch._VF.lstm`` and the others, with and without packed rows: outputs of the right shapes."""
    is_packed = not isinstance(given[1], list)  # then the sizes of the batches come before the states
    first, weights, *_, bidirectional, last = given[int(is_packed) :]
    if is_packed:
        bidirectional = last
    states = (first,) if isinstance(first, Tensor) else tuple(first)  # (layers, B, H) each
    width = states[0].shape[-1] * (2 if bidirectional else 1)
    outputs: tuple[Tensor, ...] = _Recurrence.apply(width, len(states), inputs, *states, *weights)  # type: ignore[no-untyped-call] # torch's own
    return outputs


class _Recurrence(torch.autograd.Function):
    """One kernel forward, which writes the outputs and the last states, and one backward."""

    @staticmethod
    def forward(ctx: Any, width: int, states: int, *given: Tensor) -> tuple[Tensor, ...]:
        ctx.save_for_backward(*given)
        ctx.set_materialize_grads(False)
        inputs = given[0]
        outputs = inputs.new_zeros(*inputs.shape[:-1], width)  # counted as the kernel
        return outputs, *(state.new_empty(state.shape) for state in given[1 : 1 + states])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        inputs, *others = ctx.saved_tensors
        return None, None, torch.zeros_like(inputs), *(torch.empty_like(other) for other in others)
