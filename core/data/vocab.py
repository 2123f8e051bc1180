"""The closed vocabulary: made from the training split alone, owned by the task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

END = 0  # </s>: closes every row, and is the first input of a language model
UNK = 1  # <unk>: every word that is not in the vocabulary, and a literal <unk> in the text
FIRST = 2  # the id of the most frequent real word or label
SPECIALS = ("</s>", "<unk>")
START = "<s>"  # how users and other programs write the start of a row; it has no id, since END stands there


@dataclass(frozen=True, eq=False)
class Vocab:
    """Words by id: ``</s>``, ``<unk>``, then the training words by falling frequency.

    Args:
        words: the words in the order of their ids.
        counts: int64 (size,), how often each was seen in training; END counts rows.
    """

    words: Sequence[str]
    counts: npt.NDArray[np.int64]

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
        """A JSON form of the vocabulary."""
        return {"words": list(self.words), "counts": [int(c) for c in self.counts]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Vocab:
        """The vocabulary that ``to_json`` wrote; ValueError, KeyError or TypeError where it is another thing."""
        words, counts = list(data["words"]), np.asarray(data["counts"], dtype=np.int64)
        if tuple(words[:FIRST]) != SPECIALS or not all(isinstance(word, str) for word in words):
            raise ValueError("these are not the words of a vocabulary")
        if counts.shape != (len(words),):
            raise ValueError(f"{len(words)} words and counts of shape {counts.shape}")
        return cls(words, counts)


def build_vocab(
    types: Sequence[str],
    counts: npt.NDArray[np.int64],
    rows: int,
    *,
    min_count: int = 1,
    max_size: int | None = None,
) -> Vocab:
    """Choose the vocabulary from the types of the training split.

    Args:
        types: the distinct words, in the order in which they first occurred.
        counts: int64 (len(types),), how often each occurred.
        rows: the number of rows, which is the count of END.
        min_count: rarer words are left out (they count as UNK).
        max_size: at most so many ids, END and UNK included.

    Returns:
        The vocabulary; ties in frequency keep the order of first occurrence.
    """
    literal = np.fromiter((t == SPECIALS[UNK] for t in types), dtype=bool, count=len(types))
    order = np.argsort(-counts, kind="stable")
    kept = order[(counts[order] >= min_count) & ~literal[order]]
    if max_size is not None:
        kept = kept[: max(0, max_size - FIRST)]
    unknown = int(counts.sum() - counts[kept].sum())
    words = [*SPECIALS, *(types[i] for i in kept)]
    return Vocab(words, np.concatenate([[rows, unknown], counts[kept]]).astype(np.int64))
