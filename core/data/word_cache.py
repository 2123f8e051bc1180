"""What a model computes once per word, so that the prediction of one sentence does not compute it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.types import Array

WORDS, LETTERS = 1 << 14, 64  # the number of words that are kept, and the length of the longest
BULK = 256  # more words at a time are computed together, which takes less time than looking up each


class WordCache:
    """The latest words and one row of numbers for each; threads may share it.

    It needs no lock: a reader takes out the rows that it uses, and each operation of a dictionary is atomic.

    Args:
        compute: the rows of words (N) -> (N, ...); the row of a word does not depend on the other words.
    """

    def __init__(self, compute: Callable[[Sequence[str]], Array]) -> None:
        self.compute = compute
        self.rows: dict[str, Array] = {}

    def __call__(self, words: Sequence[str]) -> Array:
        """The rows of words (N): (N, ...)."""
        if not words or len(words) > BULK:
            return self.compute(words)
        known = self.rows
        found = {word: row for word in words if (row := known.get(word)) is not None}
        if new := [word for word in dict.fromkeys(words) if word not in found]:
            computed = dict(zip(new, self.compute(new), strict=True))
            self._keep({word: np.array(row) for word, row in computed.items() if len(word) <= LETTERS})
            found |= computed
        return np.stack([found[word] for word in words])

    def _keep(self, rows: dict[str, Array]) -> None:
        """Add rows; a full cache starts again."""
        if len(self.rows) + len(rows) > WORDS:
            self.rows = {}
        self.rows.update(rows)
