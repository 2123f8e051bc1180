"""An embedding whose vectors are evaluated; no rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.data.vocab import FIRST, SPECIALS, Vocab
from core.data.vocab_ids import renumber
from core.model.context import Context
from core.neural.model import NeuralModel
from core.types import Array, Arrays, Bools, Float32s


class VectorModel(NeuralModel):
    """A model that consists of what the embedding's ``fit`` learns from the text."""

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Fit the embedding."""
        self.fit_embedding(train, dev, context)
        self.network.to(self.device).eval()
        self.status = "finished"

    @property
    def parameters(self) -> int:
        """The number of values that ``fit`` has trained; nothing else is trained."""
        return self.network.embedding.fitted_parameters

    def facts(self) -> dict[str, Any]:
        """See ``NeuralModel.facts``."""
        return {**super().facts(), "parameters": {"embedding": self.parameters}}

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """Compute the task's answers from the vectors of the words of its questions.

        The vocabulary that the task sees is the table of vectors where there is one, else that of the text.
        """
        if all(part.whole() is None for part in self.network.embedding.embeddings):
            return self.task.answer(corpus, lambda ids: self.vectors_of_ids(ids, corpus.words))
        words, vectors = self.word_vectors()

        def look_up(ids: Array) -> tuple[Float32s, Bools]:
            rows = ids - FIRST
            has = (rows >= 0) & (rows < len(words))
            found = np.zeros((len(ids), vectors.shape[1]), dtype=np.float32)
            found[has] = vectors[rows[has]]
            return found, has

        return self.task.answer(_in_words_of(corpus, words), look_up)


def _in_words_of(corpus: Corpus, words: Sequence[str]) -> Corpus:
    """The questions with a table's words as the vocabulary; words that it lacks are open words."""
    vocab = Vocab([*SPECIALS, *words], np.zeros(FIRST + len(words), dtype=np.int64))
    ids, codes = np.unique(corpus.tokens.values, return_inverse=True)
    rows, others = renumber(Ragged(codes.astype(np.int32), corpus.tokens.offsets), vocab, corpus.spell(ids))
    return Corpus(vocab, {"tokens": rows}, others)
