"""What a neural model is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.model.prediction import MAX_TOKENS
from core.neural.base import Embedding, Encoder, NeuralHead
from core.types import Int64s

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Design:
    """What a neural model is built from.

    Args:
        encoder: the class and its options.
        embeddings: the class and options of each part by name.
        embedding: the options of the concatenated vectors (``dropout``).
        head: the options of the kind's head.
        train: the options of ``Trainer``.
        sees: the context that the encoder was registered with: ``left``, ``both`` or ``either``.
        max_tokens: see ``core.model.prediction.PredictOptions``.
    """

    encoder: tuple[type[Encoder], Options]
    embeddings: Mapping[str, tuple[type[Embedding], Options]]
    embedding: Options
    head: Options
    train: Options
    sees: str = "either"
    max_tokens: int = MAX_TOKENS

    def for_rows(self, head: type[NeuralHead], lengths: Int64s) -> tuple[Design, dict[str, Any]]:
        """This design with the options of the head that depend on the training rows, and these by dotted key.

        Args:
            head: the class of the head.
            lengths: int64 (R,), the tokens of each training row.
        """
        chosen = head.choose(self.head, lengths)
        return replace(self, head={**self.head, **chosen}), {f"head.{k}": value for k, value in chosen.items()}
