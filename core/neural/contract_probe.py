"""What is wrong with an encoder, in one sentence: how it is built, what it returns, whether it sees the future.

``core.testing.check_encoder`` checks the same on synthetic rows; a run checks it on its own first words.
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

SEARCHED, ROWS, STEPS = 256, 4, 24  # the longest rows among the first so many; read so far
NEAR = 1e-5  # of the largest state, and 1: what rounding may change

Problem = tuple[str, str]  # the part, ``encoder`` or ``embedding``; and the rule with what breaks it


def constructor_error(encoder: Any) -> str:
    """What the constructor of an encoder left out; empty where nothing is missing."""
    name = type(encoder).__name__
    if not isinstance(encoder, Encoder):
        return f"contract: {name} is not a subclass of core.neural.base.Encoder"
    if "_modules" not in vars(encoder):  # torch's own are made there
        return f"contract: the constructor of {name} does not call super().__init__(input_size, causal)"
    if not isinstance(size := getattr(encoder, "output_size", None), (int, np.integer)):
        return f"shapes: the constructor sets self.output_size, the size of a state, to an int, not {size!r}"
    return ""


def output_error(given: Any, lengths: Tensor, steps: int, size: int) -> str:
    """What is wrong with what ``forward`` returned; empty where nothing is.

    Args:
        given: what it returned.
        lengths: int64 (B,).
        steps: T.
        size: the encoder's ``output_size``.
    """
    if not (isinstance(given, tuple) and len(given) == 2):
        return f"shapes: forward returns {_described(given)}, not two things, (states, carry)"
    states, carry = given
    expected = (len(lengths), steps, size)
    if not isinstance(states, Tensor):
        wanted = f"a tensor (B, T, output_size) = {expected}"
        return f"shapes: forward returns {_described(states)} for states, not {wanted}"
    if tuple(states.shape) != expected:
        return f"shapes: states are {tuple(states.shape)}, not (B, T, output_size) = {expected}"
    if not bool(torch.isfinite(states[inside(lengths, steps)]).all()):
        return "shapes: states within the lengths are not finite"
    return _carry_error(carry)


def _carry_error(carry: Carry) -> str:
    """A carry is cut off from the gradient between two chunks, for which core must find its tensors."""
    if isinstance(carry, (list, dict)):
        return f"carry: it is a {type(carry).__name__}, not None, a tensor or a tuple of such"
    parts = carry if isinstance(carry, tuple) else ()
    return next((message for part in parts if (message := _carry_error(part))), "")


def _described(given: Any) -> str:
    if isinstance(given, (tuple, list)):
        return f"a {type(given).__name__} of {len(given)}"
    return f"a {type(given).__name__}"


def differs(before: Tensor, after: Tensor, near: float = NEAR) -> bool:
    """Whether two tensors of one shape differ by more than rounding."""
    if not before.numel():
        return False
    return float((after - before).abs().max()) > near * (1 + float(before.abs().max()))


def leaks_future(
    forward: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, other: Tensor, lengths: Tensor, at: int
) -> str:
    """Whether states before a position change with what comes later; empty where they do not.

    Args:
        forward: inputs (B, T, I) and lengths (B,) -> states (B, T, H).
        inputs: (B, T, I).
        other: (B, T, I), other vectors to put at the later positions.
        lengths: int64 (B,).
        at: the first of those positions.
    """
    here = inside(lengths.clamp(max=at), at)  # (B, at)
    states = forward(inputs, lengths)[:, :at][here]
    turned = forward(torch.cat([inputs[:, :at], other[:, at:]], 1), lengths)[:, :at][here]
    if differs(states, turned):
        return f"causality: states before position {at} changed when later inputs did: it does not see left only"
    if inputs.device.type != "cpu":  # kernels of another shape may count in half as many digits
        return ""
    cut = forward(inputs[:, :at], lengths.clamp(max=at))[here]
    if differs(states, cut, 10 * NEAR):  # another shape rounds otherwise
        return f"causality: states before position {at} changed when the row ended there: they know its length"
    return ""


def probe(
    network: Network, examples: Examples, vocab: Vocab, left_only: bool, device: torch.device
) -> Problem | None:
    """What is wrong with an encoder on the beginnings of a few rows; None where nothing is.

    The random numbers that are drawn later do not depend on it.

    Args:
        network: embedding and encoder.
        examples: those of the training split.
        vocab: the words.
        left_only: whether the encoder may see nothing to the right.
        device: the network's.
    """
    state = random_state(device)
    network.eval()
    with torch.no_grad():  # inference mode would spoil what an encoder keeps for training
        problem = _probe(network, examples, vocab, left_only, device)
    set_random_state(state, device)
    return problem


def _probe(
    network: Network, examples: Examples, vocab: Vocab, left_only: bool, device: torch.device
) -> Problem | None:
    ids, lengths = (torch.from_numpy(part).to(device) for part in _rows(examples, vocab))
    network.embedding.spell(())
    vectors, encoder, steps = network.embedding(ids), network.encoder, ids.shape[1]
    if message := output_error(encoder(vectors, lengths), lengths, steps, encoder.output_size):
        return "encoder", message
    if not left_only or not (at := steps // 2):
        return None
    later = torch.arange(steps, device=device) >= at
    other = network.embedding(torch.where(later, (ids + 1) % vocab.size, ids))
    if differs(vectors[:, :at], other[:, :at]):
        return "embedding", f"causality: vectors before position {at} changed when later words did"
    message = leaks_future(lambda inputs, sizes: encoder(inputs, sizes)[0], vectors, other, lengths, at)
    return ("encoder", message) if message else None


def _rows(examples: Examples, vocab: Vocab) -> tuple[Int64s, Int64s]:
    """What is read of a few rows: closed ids (B, T), lengths (B,)."""
    lengths = np.minimum(examples.lengths[:SEARCHED], STEPS)
    rows = np.argsort(lengths, kind="stable")[-ROWS:]
    lengths = lengths[rows].astype(np.int64)
    steps = np.arange(max(1, int(lengths.max(initial=0))))
    within = steps < lengths[:, None]  # (B, T)
    ids = np.full(within.shape, END, dtype=np.int64)
    ids[within] = examples.inputs[(examples.starts[rows][:, None] + steps)[within]]  # (B, T)
    return np.where(ids < vocab.size, ids, UNK), lengths
