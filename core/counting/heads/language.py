"""The counting head of kind ``next``: the model itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.counting.base import CountHead, CountModel
from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.model.context import Context
from core.types import Arrays


class LanguageCountHead(CountHead):
    """Scores every token of a row, and its end, by one count model over the words.

    Args:
        make_model: creates the count model.
        vocab: the token vocabulary.
        labels: None.
    """

    def __init__(self, make_model: Callable[[int], CountModel], vocab: Vocab, labels: Vocab | None) -> None:
        super().__init__(make_model, vocab, labels)
        self.model = make_model(vocab.size)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        self.model = self.make_model(self.vocab.size)
        self.model.fit(train.closed, dev.closed, context)

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``."""
        return self.model.answers(corpus.closed)

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        return self.model.arrays()

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        self.model = self.make_model(self.vocab.size)
        self.model.restore(arrays)

    def facts(self) -> dict[str, Any]:
        """The facts of the model."""
        return self.model.facts()
