"""The counting head of kind ``token``: a hidden Markov model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from core.context import Arrays, Context
from core.counting.contract import CountHead, CountModel
from core.counting.emissions import Emissions
from core.counting.viterbi import best_tags, tag_rows
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import DataError


class TaggingCountHead(CountHead):
    """The tags that make the row most probable (Brants, 2000): a count model over tags times P(word | tag).

    Args:
        make_model: builds the count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        suffix: the longest ending of an unknown word that is looked at, in letters.
        rare: endings are learned from training words that occur at most so often.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        suffix: Annotated[int, Ge(0)] = 10,
        rare: Annotated[int, Ge(1)] = 10,
    ) -> None:
        super().__init__(make_model, vocab, labels)
        if labels is None or labels.size <= FIRST:
            raise DataError("no training token has a label", where="data", remedy="check the column of labels")
        self.tags, self.suffix, self.rare = labels, suffix, rare
        self.model = make_model(labels.size)
        self.emissions = Emissions(vocab, labels, suffix, rare)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        self.model = self.make_model(self.tags.size)
        self.model.fit(tag_rows(train.targets, self.tags.size), tag_rows(dev.targets, self.tags.size), context)
        self.emissions = Emissions.of(train, self.vocab, self.tags, self.suffix, self.rare)

    def predict(self, corpus: Corpus) -> Arrays:
        """See ``CountHead.predict``."""
        codes = best_tags(self.emissions.lattice(corpus), self.model)
        return {"label": (codes + FIRST - 1).astype(np.int32)}

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        tags = {f"tags.{name}": array for name, array in self.model.arrays().items()}
        return tags | {f"words.{name}": array for name, array in self.emissions.arrays().items()}

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        parts: dict[str, Arrays] = {"tags": {}, "words": {}}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = array
        self.model = self.make_model(self.tags.size)
        self.model.restore(parts["tags"])
        self.emissions.restore(parts["words"])

    def facts(self) -> dict[str, Any]:
        """The facts of the model of tags, and how many endings stand in the tables."""
        return {**self.model.facts(), "endings": len(self.emissions.places)}
