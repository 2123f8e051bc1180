"""Memory: a label that depends on tokens far back."""

from __future__ import annotations

from typing import Any, ClassVar

from tasks.sentiment import Sentiment


class Memory(Sentiment):
    """A class for each row, predicted from the state after its last token; scored by accuracy."""

    defaults: ClassVar[dict[str, Any]] = {
        "data": "memory",
        "embedding.dropout": 0,
        "embedding.word_dropout": 0,  # all words are frequent
        "head.pooling": "last",
        "head.dropout": 0,
        "train.steps": 2000,
    }
