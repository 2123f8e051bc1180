"""``neighbors run=ID king paris``: the words whose vectors are nearest to those of others."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge

from core.cli.common import KEPT, console, kept_run, refuse_keys, take
from core.config.options import Option
from core.errors import ConfigError


def verb(words: list[str]) -> None:
    """Print the ``n=10`` nearest words of each word by the cosine of their vectors."""
    from rich.table import Table

    taken, asked = take(words, *KEPT, "n")
    refuse_keys(asked, "neighbors", (*KEPT, "n"))
    limit = Option("n", Annotated[int, Ge(1)], 10, "", "neighbors").check(taken.get("n", "10"), "neighbors.n")
    if not asked:
        raise ConfigError("of which words?", where="neighbors", remedy="name some: neighbors run=ID king paris")
    model = kept_run(taken, "neighbors")
    from core.evaluation.word_vectors import nearest, unit, vectors_of

    names, vectors, own = vectors_of(model.model, asked)
    places, cosines = nearest(unit(vectors), unit(own), limit + 1)  # the word itself is among them
    table = Table()
    for heading in ("word", "neighbor", "cosine"):
        table.add_column(heading, justify="right" if heading == "cosine" else "left")
    for word, row, values in zip(asked, places.tolist(), cosines.tolist(), strict=True):
        found = [(names[i], f"{value:.4f}") for i, value in zip(row, values, strict=True) if names[i] != word]
        for number, (name, value) in enumerate(found[:limit]):
            table.add_row("" if number else word, name, value)
        table.add_section()
    console().print(table)
