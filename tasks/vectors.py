"""Word vectors without an evaluation: trained or read, and saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.task import Task
from core.types import Arrays, Lookup, Question


class Vectors(Task):
    """Train or read word vectors and save them, for ``neighbors``, ``plot`` and ``export``.

    Nothing is scored: the only question is how many words have a vector. ``embedding=word2vec`` unless another is
    named.
    """

    kind = "vector"
    primary = "words"
    defaults: ClassVar[dict[str, Any]] = {"embedding": "word2vec"}

    def questions(self) -> Sequence[Question]:
        """One question about no word in particular."""
        return [Question((), "how many words have a vector")]

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """The number of words that have a vector."""
        _, has = vectors(np.arange(FIRST, corpus.vocab.size))
        return {"words": np.array([has.sum()], dtype=np.int64)}

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """The number of words that have a vector."""
        return {"words": float(predictions["words"].sum())}
