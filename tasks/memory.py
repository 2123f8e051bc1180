"""Memory: the label of a row depends on tokens far back."""

from __future__ import annotations

from typing import Any, ClassVar

from tasks.sentiment import Sentiment


class Memory(Sentiment):
    """A class for each row that follows from its first tokens, read from the state after its last token."""

    defaults: ClassVar[dict[str, Any]] = {
        "data": "memory",
        "embedding.dropout": 0,
        "embedding.word_dropout": 0,
        "head.pooling": "last",
        "head.dropout": 0,
    }
