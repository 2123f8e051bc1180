"""Checks that an encoder keeps its contract: how it is built, what it returns, whether it sees the future.

``core.testing.check_encoder`` checks the same on synthetic rows; a run checks it on its own first rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.batching import Examples
from core.data.vocab import END, UNK, Vocab
from core.neural.base import Carry, Encoder
from core.neural.network import Network
from core.neural.ops.masking import inside
from core.neural.trainer_state import random_state, set_random_state
from core.types import Int64s

SEARCHED, ROWS, STEPS = 256, 4, 24  # the longest ROWS of the first SEARCHED rows; tokens read of each
NEAR = 1e-5  # tolerance for rounding, relative to 1 + the largest state

Problem = tuple[str, str]  # the part, ``encoder`` or ``embedding``; the rule and what breaks it


def constructor_error(encoder: Any) -> str:
    """What is wrong with how an encoder is built; empty if nothing is."""
    name = type(encoder).__name__
    if not isinstance(encoder, Encoder):
        return f"contract: {name} is not a subclass of core.neural.base.Encoder"
    if "_modules" not in vars(encoder):  # torch creates it in its constructor
        return f"contract: the constructor of {name} does not call super().__init__(input_size, causal)"
    if not isinstance(size := getattr(encoder, "output_size", None), (int, np.integer)):
        return f"shapes: the constructor must set self.output_size, the size of a state, to an int, not {size!r}"
    return ""


def embedding_error(embedding: Any) -> str:
    """What is wrong with how an embedding is built; empty if nothing is."""
    if hasattr(embedding, "spell"):
        name = type(embedding).__name__
        rule = "prepare(words) returns what forward(ids, prepared) needs, so that threads can share a model"
        return f"contract: {name}.spell is not called: {rule}"
    return ""


def output_error(output: Any, lengths: Tensor, steps: int, size: int) -> str:
    """What is wrong with the output of ``forward``; empty if nothing is.

    Args:
        output: what ``forward`` returned.
        lengths: int64 (B,).
        steps: T.
        size: the encoder's ``output_size``.
    """
    if not (isinstance(output, tuple) and len(output) == 2):
        return f"shapes: forward returns {_described(output)} instead of two values, (states, carry)"
    states, carry = output
    expected = (len(lengths), steps, size)
    shape = tuple(states.shape) if isinstance(states, Tensor) else _described(states)
    if shape != expected:
        return f"shapes: states are {shape}, not (B, T, output_size) = {expected}"
    if not bool(torch.isfinite(states[inside(lengths, steps)]).all()):
        return "shapes: states within the lengths are not finite"
    return _carry_error(carry)


def _carry_error(carry: Carry) -> str:
    """What is wrong with a carry, whose tensors core must be able to detach between two chunks."""
    if isinstance(carry, (list, dict)):
        return f"carry: it is a {type(carry).__name__}, not None, a tensor or a tuple of tensors"
    parts = carry if isinstance(carry, tuple) else ()
    return next((message for part in parts if (message := _carry_error(part))), "")


def _described(value: Any) -> str:
    size = f" of {len(value)}" if isinstance(value, (tuple, list)) else ""
    return f"a {type(value).__name__}{size}"


def differs(before: Tensor, after: Tensor, near: float = NEAR) -> bool:
    """Whether two tensors of one shape differ by more than rounding."""
    if not before.numel():
        return False
    return float((after - before).abs().max()) > near * (1 + float(before.abs().max()))


def leaks_future(
    forward: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, other: Tensor, lengths: Tensor, at: int
) -> str:
    """What shows that states before a position depend on later inputs; empty if they do not.

    Args:
        forward: inputs (B, T, I) and lengths (B,) -> states (B, T, H).
        inputs: (B, T, I).
        other: (B, T, I), other vectors to put at the later positions.
        lengths: int64 (B,).
        at: the first of the later positions.
    """
    here = inside(lengths.clamp(max=at), at)  # (B, at)
    states = forward(inputs, lengths)[:, :at][here]
    changed = forward(torch.cat([inputs[:, :at], other[:, at:]], 1), lengths)[:, :at][here]
    rule = f"causality: states before position {at} change when"
    if differs(states, changed):
        return f"{rule} later inputs change, so the encoder does not see the left context only"
    if inputs.device.type != "cpu":  # kernels for another shape may compute with half as many digits
        return ""
    cut = forward(inputs[:, :at], lengths.clamp(max=at))[here]
    if differs(states, cut, 10 * NEAR):  # another shape rounds differently
        return f"{rule} the row ends there, so they depend on its length"
    return ""


def probe(
    network: Network,
    examples: Examples,
    vocab: Vocab,
    left_only: bool,
    device: torch.device,
    check: Callable[[Network, Tensor, Tensor, Vocab], Problem | None] | None = None,
) -> Problem | None:
    """Check an encoder on the beginnings of a few rows, without changing the random numbers drawn later.

    Args:
        network: embedding and encoder.
        examples: the examples of the training split.
        vocab: the token vocabulary.
        left_only: whether the encoder may see only the left context.
        device: the device of the network.
        check: looks at the same rows, as ids (B, T) and lengths (B,), where nothing else is wrong.

    Returns:
        The part that breaks the contract and how; None if nothing is wrong.
    """
    state = random_state(device)
    network.eval()
    with torch.no_grad():  # inference mode would spoil tensors that an encoder stores for training
        ids, lengths = (torch.from_numpy(part).to(device) for part in _rows(examples, vocab))
        problem = _probe(network, ids, lengths, vocab, left_only)
        if problem is None and check is not None:
            problem = check(network, ids, lengths, vocab)
    set_random_state(state, device)
    return problem


def _probe(network: Network, ids: Tensor, lengths: Tensor, vocab: Vocab, left_only: bool) -> Problem | None:
    vectors, encoder, steps = network.embedding(ids), network.encoder, ids.shape[1]
    if message := output_error(encoder(vectors, lengths), lengths, steps, encoder.output_size):
        return "encoder", message
    if not left_only or not (at := steps // 2):
        return None
    later = torch.arange(steps, device=ids.device) >= at
    other = network.embedding(torch.where(later, (ids + 1) % vocab.size, ids))
    if differs(vectors[:, :at], other[:, :at]):
        return "embedding", f"causality: vectors before position {at} change when later words change"
    message = leaks_future(lambda inputs, sizes: encoder(inputs, sizes)[0], vectors, other, lengths, at)
    return ("encoder", message) if message else None


def _rows(examples: Examples, vocab: Vocab) -> tuple[Int64s, Int64s]:
    """The beginnings of a few rows: closed ids (B, T), lengths (B,)."""
    lengths = np.minimum(examples.lengths[:SEARCHED], STEPS)
    rows = np.argsort(lengths, kind="stable")[-ROWS:]
    lengths = lengths[rows].astype(np.int64)
    steps = np.arange(max(1, int(lengths.max(initial=0))))
    within = steps < lengths[:, None]  # (B, T)
    ids = np.full(within.shape, END, dtype=np.int64)
    ids[within] = examples.inputs[(examples.starts[rows][:, None] + steps)[within]]  # (B, T)
    return np.where(ids < vocab.size, ids, UNK), lengths
