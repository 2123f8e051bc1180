"""Rows that are too long to be read at once, in pieces: their states, with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from core.neural.base import Carry, Encoder
from core.neural.concat_embedding import Prepared
from core.neural.network import Network
from core.neural.ops.collation import to_device
from core.types import Int64s

CONTEXT = 256  # tokens read on each side of a piece by an encoder that reads both sides whole


def context_of(size: int) -> int:
    """The number of tokens read on each side of a piece of ``size`` tokens, for the same encoders."""
    return min(CONTEXT, size // 4)


def is_approximate(encoder: Encoder) -> bool:
    """Whether the states of a row in pieces differ from those of the whole row."""
    left, right = encoder.receptive_field
    return right is None or (left is None and right > 0)


def read_in_pieces(
    network: Network,
    ids: Int64s,
    size: int,
    prepared: Prepared | None,
    device: torch.device,
    spans: Int64s | None = None,
) -> Iterator[Tensor]:
    """The states of one row, piece by piece: an encoder of the left side carries its state on, others overlap.

    Args:
        network: embedding and encoder.
        ids: open ids, int64 (T,).
        size: tokens per piece; where pieces overlap the receptive field is added if it has more than half of them.
        prepared: what the embedding has prepared for the open words.
        device: of the network.
        spans: int64 (1, 4), the marked spans of the row, if it has such.

    Yields:
        (1, t, H), one after the other.
    """
    left, right = network.encoder.receptive_field
    carries = left is None and right == 0
    before, after = (0 if carries else context_of(size) if side is None else side for side in (left, right))
    stride = size if carries else max(size - before - after, size // 2, 1)
    carry: Carry = None
    for begin in range(0, len(ids), stride):
        first, end = max(0, begin - before), min(len(ids), begin + stride)
        own = ids[None, first : end + after]  # (1, t)
        found = None if spans is None else network.embedding.collate(own, prepared, spans - first)
        part, found = to_device((own, found), device)
        lengths = torch.full_like(part[:, 0], part.shape[1])
        states, following = network(part, lengths, carry, prepared, (found, None))
        carry = following if carries else None
        yield states[:, begin - first : end - first]
