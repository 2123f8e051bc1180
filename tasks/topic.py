"""Topic classification: a class for each document."""

from __future__ import annotations

from typing import Any, ClassVar

from tasks.sentiment import Sentiment


class Topic(Sentiment):
    """What a document is about: one of any number of classes; scored by accuracy.

    Defaults for documents of hundreds of words: raw text is cut into words by rules, and training reads the first
    1,024 words of a document (``train.max_tokens``); prediction reads all of it.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "task.tokens": "words",
        "data": "toy-topics",
        "train.max_tokens": 1024,
        "train.steps": 800,
    }
