"""What is wrong with an encoder, in one sentence: how it is built, what it returns, whether it peeks.

``core.testing.check_encoder`` asks the same on made-up rows; a run asks it of its own first words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.neural.base import Carry, Encoder
from core.neural.network import Network
from core.neural.ops.masking import inside
from core.neural.trainer_state import random_state, set_random_state

SEARCHED, ROWS, STEPS = 256, 4, 24  # the longest rows among the first so many; read so far
NEAR = 1e-5  # of the largest state, and 1: what rounding may change

Fault = tuple[str, str]  # whose, ``encoder`` or ``embedding``; and the rule with what breaks it


def misbuilt(encoder: Any) -> str:
    """What the constructor of an encoder left out; empty where nothing is missing."""
    name = type(encoder).__name__
    if not isinstance(encoder, Encoder):
        return f"contract: {name} is no subclass of core.neural.base.Encoder"
    if "_modules" not in vars(encoder):  # torch's own are made there
        return f"contract: the constructor of {name} does not call super().__init__(input_size, causal)"
    if not isinstance(size := getattr(encoder, "output_size", None), (int, np.integer)):
        return f"shapes: the constructor sets self.output_size, the size of a state, to an int, not {size!r}"
    return ""


def misreturned(given: Any, lengths: Tensor, steps: int, size: int) -> str:
    """What is wrong with what ``forward`` returned; empty where nothing is.

    Args:
        given: what it returned.
        lengths: int64 (B,).
        steps: T.
        size: the encoder's ``output_size``.
    """
    if not (isinstance(given, tuple) and len(given) == 2):
        return f"shapes: forward returns {_said(given)}, not two things, (states, carry)"
    states, carry = given
    expected = (len(lengths), steps, size)
    if not isinstance(states, Tensor):
        return f"shapes: forward returns {_said(states)} for states, not a tensor (B, T, output_size) = {expected}"
    if tuple(states.shape) != expected:
        return f"shapes: states are {tuple(states.shape)}, not (B, T, output_size) = {expected}"
    if not bool(torch.isfinite(states[inside(lengths, steps)]).all()):
        return "shapes: states within the lengths are not finite"
    return _miscarried(carry)


def _miscarried(carry: Carry) -> str:
    """A carry is cut off from the gradient between two chunks, for which core must find its tensors."""
    if isinstance(carry, (list, dict)):
        return f"carry: it is a {type(carry).__name__}, not None, a tensor or a tuple of such"
    parts = carry if isinstance(carry, tuple) else ()
    return next((told for part in parts if (told := _miscarried(part))), "")


def _said(given: Any) -> str:
    if isinstance(given, (tuple, list)):
        return f"a {type(given).__name__} of {len(given)}"
    return f"a {type(given).__name__}"


def changed(before: Tensor, after: Tensor, near: float = NEAR) -> bool:
    """Whether two tensors of one shape differ by more than rounding."""
    if not before.numel():
        return False
    return float((after - before).abs().max()) > near * (1 + float(before.abs().max()))


def peeks(
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
    if changed(states, turned):
        return f"causality: states before position {at} changed when later inputs did: it does not see left only"
    if inputs.device.type != "cpu":  # kernels of another shape may count in half as many digits
        return ""
    cut = forward(inputs[:, :at], lengths.clamp(max=at))[here]
    if changed(states, cut, 10 * NEAR):  # another shape rounds otherwise
        return f"causality: states before position {at} changed when the row ended there: they know its length"
    return ""


def probe(network: Network, corpus: Corpus, kind: str, left: bool, device: torch.device) -> Fault | None:
    """What is wrong with an encoder on the beginnings of a few rows; None where nothing is.

    The random numbers that come after it are those that came without it.

    Args:
        network: embedding and encoder.
        corpus: the training split.
        kind: ``next``, ``token`` or ``sequence``.
        left: whether the encoder may see nothing to the right.
        device: the network's.
    """
    kept = random_state(device)
    network.eval()
    with torch.no_grad():  # inference mode would spoil what an encoder keeps for training
        wrong = _probe(network, corpus, kind, left, device)
    set_random_state(kept, device)
    return wrong


def _probe(network: Network, corpus: Corpus, kind: str, left: bool, device: torch.device) -> Fault | None:
    ids, lengths = (torch.from_numpy(part).to(device) for part in _rows(corpus, kind))
    network.embedding.spell(())
    vectors, encoder, steps = network.embedding(ids), network.encoder, ids.shape[1]
    if told := misreturned(encoder(vectors, lengths), lengths, steps, encoder.output_size):
        return "encoder", told
    if not left or not (at := steps // 2):
        return None
    later = torch.arange(steps, device=device) >= at
    other = network.embedding(torch.where(later, (ids + 1) % corpus.vocab.size, ids))
    if changed(vectors[:, :at], other[:, :at]):
        return "embedding", f"causality: vectors before position {at} changed when later words did"
    told = peeks(lambda inputs, sizes: encoder(inputs, sizes)[0], vectors, other, lengths, at)
    return ("encoder", told) if told else None


def _rows(corpus: Corpus, kind: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """What is read of a few rows: closed ids (B, T), lengths (B,)."""
    values, offsets = corpus.tokens.values, corpus.tokens.offsets[: SEARCHED + 1]
    moved = int(kind == "next")  # it reads END, then all words but the last END
    lengths = np.minimum(np.diff(offsets) - 1 + moved, STEPS)
    rows = np.argsort(lengths, kind="stable")[-ROWS:]
    lengths = lengths[rows].astype(np.int64)
    steps = np.arange(max(1, int(lengths.max(initial=0))))
    within = steps < lengths[:, None]  # (B, T)
    ids = values[np.where(within, offsets[rows][:, None] + steps - moved, -1)].astype(np.int64)  # (B, T)
    return np.where(ids < corpus.vocab.size, ids, UNK), lengths
