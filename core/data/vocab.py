"""The closed vocabulary: the words or labels of the training split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.types import Int64s

END = 0  # </s>: the end of every row, and the first input of a language model
UNK = 1  # <unk>: every word that is not in the vocabulary, and a literal <unk> in the text
FIRST = 2  # the id of the most frequent real word or label
SPECIALS = ("</s>", "<unk>")
SCHEMES = ("bio", "iob1", "bioes")  # of labels that mark spans
START = "<s>"  # how users and other programs write the start of a row; its id is END


@dataclass(frozen=True, eq=False)
class Vocab:
    """Words by id: ``</s>``, ``<unk>``, then the training words by falling frequency.

    Args:
        words: the words in the order of their ids.
        counts: int64 (size,), how often each occurs in training; that of END is the number of rows.
        scheme: of labels that mark spans, the scheme that they are in: ``bio``, ``iob1`` or ``bioes``.
    """

    words: Sequence[str]
    counts: Int64s
    scheme: str = ""

    def __len__(self) -> int:
        return len(self.words)

    @property
    def size(self) -> int:
        """The number of ids that are trained, predicted and summed over."""
        return len(self.words)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each word."""
        return {word: i for i, word in enumerate(self.words)}

    def to_json(self) -> dict[str, Any]:
        """The vocabulary as JSON data."""
        data = {"words": list(self.words), "counts": [int(c) for c in self.counts]}
        return {**data, "scheme": self.scheme} if self.scheme else data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Vocab:
        """The opposite of ``to_json``; ValueError, KeyError or TypeError where the data is something else."""
        words, numbers = list(data["words"]), list(data["counts"])
        if not all(type(count) is int and 0 <= count < 1 << 63 for count in numbers):
            raise ValueError("a count is not a whole number of 64 bits")
        counts = np.array(numbers, dtype=np.int64)
        if tuple(words[:FIRST]) != SPECIALS or not all(isinstance(word, str) for word in words):
            raise ValueError("these are not the words of a vocabulary")
        if len(set(words)) != len(words):
            raise ValueError("a word occurs twice")
        if counts.shape != (len(words),):
            raise ValueError(f"{len(words)} words and counts of shape {counts.shape}")
        if (scheme := data.get("scheme", "")) not in ("", *SCHEMES):
            raise ValueError(f"there is no scheme {scheme!r} of labels")
        return cls(words, counts, scheme)


def build_vocab(
    types: Sequence[str], counts: Int64s, rows: int, *, min_count: int = 1, max_size: int | None = None
) -> Vocab:
    """Choose the vocabulary from the types of the training split.

    Args:
        types: the distinct words in order of first occurrence.
        counts: int64 (len(types),), how often each occurs.
        rows: the number of rows, which is the count of END.
        min_count: rarer words count as UNK.
        max_size: the largest number of ids, END and UNK included.

    Returns:
        The vocabulary; ties in frequency keep the order of first occurrence.
    """
    literal = np.fromiter((t == SPECIALS[UNK] for t in types), dtype=bool, count=len(types))
    order = np.argsort(-counts, kind="stable")
    known = order[(counts[order] >= min_count) & ~literal[order]]
    if max_size is not None:
        known = known[: max(0, max_size - FIRST)]
    unknown = int(counts.sum() - counts[known].sum())
    words = [*SPECIALS, *(types[i] for i in known)]
    return Vocab(words, np.concatenate([[rows, unknown], counts[known]]).astype(np.int64))
