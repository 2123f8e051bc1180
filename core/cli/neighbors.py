"""``neighbors run=ID king paris``: the words with the vectors nearest to those of others."""

from __future__ import annotations

from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import ModelCommand, Positive
from core.errors import ConfigError


class Neighbors(ModelCommand):
    """Print the nearest words of each word by the cosine of their vectors.

    Args:
        words: the words whose neighbors are shown.
        n: how many neighbors per word.
    """

    def __init__(self, *words: str, n: Positive = 10, **options: Any) -> None:
        super().__init__(**options)
        if not words:
            remedy = "name some: neighbors run=ID king paris"
            raise ConfigError("of which words?", where="neighbors", remedy=remedy)
        self.words, self.limit = words, n

    def execute(self) -> None:
        """Print one block of rows per word."""
        from core.evaluation.word_vectors import nearest, unit, vectors_of

        names, vectors, own = vectors_of(self.model.model, self.words)
        ids, cosines = nearest(unit(vectors), unit(own), self.limit + 1)  # the word itself is among them
        rows: list[tuple[str, ...]] = []
        for word, row, values in zip(self.words, ids.tolist(), cosines.tolist(), strict=True):
            others = [
                (names[i], f"{cosine:.4f}") for i, cosine in zip(row, values, strict=True) if names[i] != word
            ]
            rows += [("" if i else word, *other) for i, other in enumerate(others[: self.limit])]
            rows.append(())
        print_table("", ("word", "neighbor", "cosine"), rows)
