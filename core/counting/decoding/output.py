"""Derivations as the words that they spell, and where each comes from."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from core.counting.alignment.phrase_table import PhraseTable
from core.counting.alignment.phrases import LONGEST
from core.counting.decoding.beam import Derivations
from core.counting.decoding.options import COPY
from core.data.vocab import END, UNK
from core.kinds.transduction import NOWHERE
from core.types import Arrays


def outputs(found: Derivations, table: PhraseTable) -> Arrays:
    """The predictions of kind ``transduce``: ``output`` int32 (R, L) and ``aligned`` int32 (R, L).

    A word is aligned to the first source word that it is linked to. A copied word is unknown and aligned to the word
    that it copies.
    """
    counts = np.ones(len(found.entries), dtype=np.int64)  # target words of each phrase
    known = found.entries != COPY
    phrases = table.phrases[found.entries[known]]
    counts[known] = table.offsets[phrases + 1] - table.offsets[phrases]
    totals = np.concatenate([[0], np.cumsum(counts)])[found.offsets]
    shape = len(found.offsets) - 1, int(np.diff(totals).max(initial=0))
    output, aligned = np.full(shape, END, dtype=np.int32), np.full(shape, NOWHERE, dtype=np.int32)
    parts = (table.phrases, table.links, table.words, table.offsets)
    _spell(found.offsets, found.starts, found.entries, *parts, output, aligned)
    return {"output": output, "aligned": aligned}


@numba.njit(cache=True)
def _spell(
    rows: Any,
    starts: Any,
    entries: Any,
    phrases: Any,
    links: Any,
    words: Any,
    offsets: Any,
    output: Any,
    aligned: Any,
) -> None:
    for row in range(len(rows) - 1):
        at = 0
        for step in range(rows[row], rows[row + 1]):
            if entries[step] == COPY:
                output[row, at], aligned[row, at] = UNK, starts[step]
                at += 1
                continue
            phrase = phrases[entries[step]]
            for i in range(offsets[phrase + 1] - offsets[phrase]):
                output[row, at] = words[offsets[phrase] + i]
                for j in range(LONGEST - 1, -1, -1):
                    if links[entries[step]] >> np.int64(LONGEST * j + i) & 1:
                        aligned[row, at] = starts[step] + j
                at += 1
