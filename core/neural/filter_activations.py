"""What the filters of an encoder answered to, over a whole corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.batching import RowBatches, examples
from core.data.corpus import Corpus
from core.neural.base import Firing

if TYPE_CHECKING:
    from core.neural.model import NeuralModel

ROWS = 128  # a batch


def firings(model: NeuralModel, corpus: Corpus) -> list[list[Firing]] | None:
    """Which tokens of each row the encoder's strongest filters answered to; None where it has no filters.

    Args:
        model: a trained one.
        corpus: any split; open words are spelled to the embedding first.
    """
    network, asked = model.network, RowBatches(examples(corpus, model.kind), ROWS)
    found: list[list[Firing]] = [[] for _ in range(len(corpus))]
    network.embedding.spell(corpus.words)
    for rows in asked.ordered():
        batch = asked.collate(rows)
        with model.quiet():
            vectors = network.embedding(model.put(batch.ids))  # (B, T, D)
            told = network.encoder.explain(vectors, model.put(batch.lengths))
        if told is None:
            return None
        for row, some in zip(rows.tolist(), told, strict=True):
            found[row] = some
    return found
