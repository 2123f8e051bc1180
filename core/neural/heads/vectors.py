"""The head of kind ``vector``: it trains nothing, because the embedding's vectors are evaluated."""

from __future__ import annotations

from typing import Any, ClassVar

from core.neural.base import NeuralHead


class VectorHead(NeuralHead):
    """Adds nothing to the vectors."""

    defaults: ClassVar[dict[str, Any]] = {"embedding.tune": False}  # the network is never trained
