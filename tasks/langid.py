"""Language identification: the language of each text."""

from __future__ import annotations

from typing import Any, ClassVar

from tasks.sentiment import Sentiment


class LanguageId(Sentiment):
    """In which language a text is written: one of any number of classes; scored by accuracy.

    Defaults for characters: they are the tokens, n-grams have five of them, and the filters of a ``cnn`` span
    three to five.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "task.tokens": "char",
        "data": "toy-languages",
        "encoder.order": 5,
        "encoder.widths": [3, 4, 5],
        "embedding.dropout": 0.2,
        "train.steps": 1000,
    }
