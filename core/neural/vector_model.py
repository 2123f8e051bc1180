"""An embedding whose vectors are evaluated; no rows are read."""

from __future__ import annotations

from core.data.corpus import Corpus
from core.model.context import Context
from core.neural.model import NeuralModel
from core.types import Arrays


class VectorModel(NeuralModel):
    """A model that consists of what the embedding's ``fit`` learns from the text."""

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Fit the embedding."""
        self.fit_embedding(train, dev, context)
        self.network.to(self.device)
        self.status = "finished"

    def predict(self, corpus: Corpus) -> Arrays:
        """Compute the task's answers from the vectors of the words of its questions."""
        self.network.embedding.spell(corpus.words)
        return self.task.answer(corpus, self.vectors_of_ids)
