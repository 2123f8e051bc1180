"""The head of kind ``vector``: it trains nothing, because the embedding's vectors are evaluated."""

from __future__ import annotations

from core.neural.base import NeuralHead


class VectorHead(NeuralHead):
    """Adds nothing to the vectors."""
