"""The entities of the toy language: its noun phrases, whose types are the kinds of their nouns.

A noun phrase is as long as its states follow each other, and one never follows another: so spans are read off the
hidden states.
"""

from __future__ import annotations

import numpy as np

from core.types import Int64s
from plugins.datasets.toy.hmm import Language

PHRASE = ("det", "no", "adj", "mod", "noun", "compound")  # the places of noun phrases
KINDS = {"person": "person", "thing": "thing", "other": "place"}  # of nouns -> types of entities


def types(model: Language) -> Int64s:
    """The type of the entity that each state is part of, a place in ``KINDS``, -1 for none: int64 (S,)."""
    kinds = list(KINDS)
    return np.array([kinds.index(s.kind) if s.place in PHRASE else -1 for s in model.states])


def labels(kinds: Int64s, offsets: Int64s) -> list[str]:
    """The BIO labels of tokens.

    Args:
        kinds: int64 (N,), the types of their states, row after row.
        offsets: int64 (R + 1,), where rows begin.
    """
    before = np.concatenate([[-1], kinds[:-1]])
    before[offsets[:-1]] = -1
    names = list(KINDS.values())
    return [
        "O" if kind < 0 else f"{'I' if last >= 0 else 'B'}-{names[kind]}"
        for kind, last in zip(kinds.tolist(), before.tolist(), strict=True)
    ]
