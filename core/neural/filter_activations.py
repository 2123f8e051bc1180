"""What the filters of an encoder respond to, over a whole corpus."""

from __future__ import annotations

import torch

from core.data.batching import RowBatches
from core.model.interface import FilterActivation
from core.neural.base import Embedding, Encoder


def filter_activations(
    embedding: Embedding, encoder: Encoder, batches: RowBatches, device: torch.device
) -> list[list[FilterActivation]] | None:
    """Which tokens of each row the strongest filters respond to; None where the encoder has no filters.

    Args:
        embedding: turns ids into vectors.
        encoder: a trained one.
        batches: all rows of the corpus.
        device: where the model is.
    """
    activations: list[list[FilterActivation]] = [[] for _ in batches.examples.starts]
    for rows in batches.ordered():
        batch = batches.collate(rows)
        vectors = embedding(torch.from_numpy(batch.ids).to(device))  # (B, T, D)
        strongest = encoder.explain(vectors, torch.from_numpy(batch.lengths).to(device))
        if strongest is None:
            return None
        for row, some in zip(rows.tolist(), strongest, strict=True):
            activations[row] = some
    return activations
