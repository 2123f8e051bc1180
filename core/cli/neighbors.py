"""``neighbors run=ID king paris``: the words with the vectors nearest to those of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from annotated_types import Ge

from core.cli.console import console
from core.cli.shared_keys import ModelCommand
from core.errors import ConfigError


class Neighbors(ModelCommand):
    """Print the nearest words of each word by the cosine of their vectors.

    Args:
        words: the words whose neighbors are shown.
        n: how many neighbors per word.
    """

    def __init__(self, *words: str, n: Annotated[int, Ge(1)] = 10, **options: Any) -> None:
        super().__init__(**options)
        if not words:
            raise ConfigError(
                "of which words?", where="neighbors", remedy="name some: neighbors run=ID king paris"
            )
        self.words, self.limit = words, n

    def execute(self) -> None:
        """Print one block of rows per word."""
        from rich.table import Table

        table = Table()
        for heading in ("word", "neighbor", "cosine"):
            table.add_column(heading, justify="right" if heading == "cosine" else "left")
        for word, neighbors in self._neighbors():
            for number, (name, cosine) in enumerate(neighbors[: self.limit]):
                table.add_row("" if number else word, name, f"{cosine:.4f}")
            table.add_section()
        console().print(table)

    def _neighbors(self) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        """Each word with its neighbors and their cosines."""
        model = self.load_model()
        from core.evaluation.word_vectors import nearest, unit, vectors_of

        names, vectors, own = vectors_of(model.model, self.words)
        ids, cosines = nearest(unit(vectors), unit(own), self.limit + 1)  # the word itself is among them
        for word, row, values in zip(self.words, ids.tolist(), cosines.tolist(), strict=True):
            yield word, [(names[i], value) for i, value in zip(row, values, strict=True) if names[i] != word]
