"""Derivations as the words that they spell, and where each comes from."""

from __future__ import annotations

import numpy as np

from core.counting.alignment.phrase_table import PhraseTable
from core.counting.alignment.phrases import LONGEST
from core.counting.decoding.beam import Derivations
from core.counting.decoding.options import COPY
from core.data.vocab import END, UNK
from core.kinds.transduction import NOWHERE
from core.types import Array, Arrays, Int64s


def outputs(found: Derivations, table: PhraseTable) -> Arrays:
    """The predictions of kind ``transduce``: ``output`` int32 (R, L) and ``aligned`` int32 (R, L).

    A word is aligned to the first source word that it is linked to. A copied word is unknown and aligned to the
    word that it copies.
    """
    rows, places, counts = _places(found, table)
    shape = len(found.offsets) - 1, int((places + counts).max(initial=0))
    output, aligned = np.full(shape, END, dtype=np.int32), np.full(shape, NOWHERE, dtype=np.int32)
    copied = found.entries == COPY
    output[rows[copied], places[copied]] = UNK
    phrases = table.phrases[found.entries[~copied]]
    lengths = counts[~copied]
    inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    words = table.words[np.repeat(table.offsets[phrases], lengths) + inside]
    output[np.repeat(rows[~copied], lengths), np.repeat(places[~copied], lengths) + inside] = words
    links = word_links(found, table)
    links = links[np.argsort(-links[:, 2], kind="stable")]  # the first source word is written last
    aligned[links[:, 0], links[:, 1]] = links[:, 2]
    return {"output": output, "aligned": aligned}


def word_links(found: Derivations, table: PhraseTable) -> Array:
    """The links of all words, int64 (K, 3): the row, the word of its output, the word of its source."""
    rows, places, _ = _places(found, table)
    bits = np.ones(len(rows), dtype=np.int64)  # a copied word is linked to what it copies
    known = found.entries != COPY
    bits[known] = table.links[found.entries[known]]
    parts = []
    for bit in range(LONGEST * LONGEST):
        steps = np.flatnonzero(bits >> bit & 1)
        source, target = divmod(bit, LONGEST)
        parts.append(np.stack([rows[steps], places[steps] + target, found.starts[steps] + source], axis=1))
    return np.concatenate(parts)


def _places(found: Derivations, table: PhraseTable) -> tuple[Int64s, Int64s, Int64s]:
    """The row of each phrase, where it begins in the output, and its target words: int64 (N,) each."""
    counts = np.ones(len(found.entries), dtype=np.int64)
    known = found.entries != COPY
    phrases = table.phrases[found.entries[known]]
    counts[known] = table.offsets[phrases + 1] - table.offsets[phrases]
    ends = np.concatenate([[0], np.cumsum(counts)])
    steps = np.diff(found.offsets)
    return np.repeat(np.arange(len(steps)), steps), ends[:-1] - np.repeat(ends[found.offsets[:-1]], steps), counts
