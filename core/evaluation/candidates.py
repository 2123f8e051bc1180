"""The words whose vectors are compared: looked up with or without case, as gensim does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data.vocab import FIRST, Vocab
from core.types import Float32s, Int64s, Lookup

BLOCK = 1 << 16  # words whose vectors are looked up at a time


@dataclass(frozen=True, eq=False)
class Candidates:
    """The first words of a vocabulary that have a vector.

    Args:
        ids: int64 (N,), their ids.
        vectors: float32 (N, D).
        form: what identifies a word: upper case, where case is ignored.
        forms: the form of each word (N).
        first: form -> the first candidate of this form, from 0.
    """

    ids: Int64s
    vectors: Float32s
    form: Callable[[str], str]
    forms: list[str]
    first: dict[str, int]

    def place(self, word: str) -> int:
        """The number of a word among the candidates, -1 if it is none of them."""
        return self.first.get(self.form(word), -1)


def find_candidates(vocab: Vocab, vectors: Lookup, limit: int, case_insensitive: bool) -> Candidates:
    """The candidates among the words of a vocabulary.

    Args:
        vocab: the words, the most frequent first.
        vectors: open ids (n,) -> vectors float32 (n, D), and which words have one of their own, bool (n,).
        limit: the largest number of candidates.
        case_insensitive: whether words that differ only in case are one; the first of them has the vector.
    """
    ids, rows = [np.zeros(0, dtype=np.int64)], [vectors(np.zeros(0, dtype=np.int64))[0]]
    for at in range(FIRST, vocab.size, BLOCK):
        if (missing := limit - sum(map(len, ids))) <= 0:
            break
        block = np.arange(at, min(at + BLOCK, vocab.size))
        values, has = vectors(block)
        ids.append(block[has][:missing])
        rows.append(values[has][:missing])
    chosen, form = np.concatenate(ids), str.upper if case_insensitive else str
    forms = [form(vocab.words[i]) for i in chosen.tolist()]
    first: dict[str, int] = {}
    for place, name in enumerate(forms):
        first.setdefault(name, place)
    return Candidates(chosen, np.concatenate(rows), form, forms, first)
