"""Codes of first occurrence to ids of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.data.corpus import Ragged
from core.data.vocab import END, SPECIALS, UNK, Vocab
from core.types import Int32s

PIECE = 1 << 20  # ids converted at a time, since numpy makes 64-bit copies of indices


def renumber(rows: Ragged, vocab: Vocab, types: Sequence[str]) -> tuple[Ragged, list[str]]:
    """Codes -> ids, and open ids for words that are not in the vocabulary.

    Args:
        rows: the codes.
        vocab: the words.
        types: the word of each code.

    Returns:
        The ids, and the open words in the order of their ids.
    """
    ids = vocab.ids
    table = np.fromiter((ids.get(t, -1) for t in types), dtype=np.int32, count=len(types))
    used = np.zeros(len(types), dtype=bool)
    for part in inner_parts(rows):
        used[part] = True
    literal = np.fromiter((t == SPECIALS[UNK] for t in types), dtype=bool, count=len(types))
    table[literal] = UNK
    open_codes = np.flatnonzero(used & (table < 0))
    table[open_codes] = vocab.size + np.arange(len(open_codes), dtype=np.int32)
    values = np.empty_like(rows.values)
    for at in range(0, len(values), PIECE):
        values[at : at + PIECE] = table[rows.values[at : at + PIECE]] if len(table) else END
    values[rows.ends] = END
    return Ragged(values, rows.offsets), [types[c] for c in open_codes.tolist()]


def inner_parts(rows: Ragged) -> Iterator[Int32s]:
    """The codes without END, in pieces."""
    for at in range(0, len(rows.values), PIECE):
        yield rows.values[at : at + PIECE][rows.inner[at : at + PIECE]]
