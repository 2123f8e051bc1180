"""What a network reads around a place: never the word there, and with some encoders only the left side."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.vocab import Vocab
from core.kinds.base import Kind
from core.neural.contract_probe import Problem, differs
from core.neural.network import Network
from core.types import Note

LEFT_ONLY = Note("cloze.left", "this encoder reads the words before each place only, none of those after it")


def left_only_notes(kind: Kind, sees: str) -> list[Note]:
    """What to say of an encoder of the left context where the task is about both sides of a word."""
    return [LEFT_ONLY] if kind.reads_around and sees == "left" else []


def place_error(network: Network, ids: Tensor, lengths: Tensor, vocab: Vocab) -> Problem | None:
    """What shows that a network reads the word that it predicts; None if nothing does.

    Args:
        network: embedding and encoder; not in training.
        ids: closed ids, int64 (B, T).
        lengths: int64 (B,).
        vocab: the token vocabulary.
    """
    vectors, steps = network.embedding(ids), ids.shape[1]
    states, _ = network.encoder(vectors, lengths)
    for at in sorted({1, steps // 2, steps - 2} & set(range(steps))):
        here = torch.arange(steps, device=ids.device) == at  # (T,)
        other = network.embedding(torch.where(here, (ids + 1) % vocab.size, ids))
        if differs(vectors[:, ~here], other[:, ~here]):
            return "embedding", f"place: vectors of other words change when the word at position {at} changes"
        changed, inside = network.encoder(other, lengths)[0], lengths > at
        if differs(states[inside, at], changed[inside, at]):
            return "encoder", f"place: the state of position {at} changes with the word there, which it predicts"
    return None
