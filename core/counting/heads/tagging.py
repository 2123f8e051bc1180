"""The counting head of kind ``token``: a hidden Markov model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt

from core.counting.base import CountHead, CountModel
from core.counting.hmm.emissions import Emissions, Spelling
from core.counting.hmm.states import Refined
from core.counting.hmm.viterbi import best_tags
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import DataError
from core.model.context import Context
from core.types import Arrays

WORDS = (0, 50, 100)


class TaggingCountHead(CountHead):
    """The tags that make the row most probable (Brants, 2000): a count model over tags times P(word | tag).

    Args:
        make_model: builds the count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        words: how many of the most ambiguous frequent words are part of the state; auto: chosen on dev.
        capital: whether a capital (not of a row's first word) is part of the state; auto: chosen on dev.
        suffix: the longest ending of a word that is looked at, in letters.
        rare: endings are learned from training words that occur at most so often.
        spelling: how many occurrences of a word the evidence of its ending and its capitals is worth.
        fold: whether a word in other capitals is evidence, and a row's first word is read in lower case.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        words: Annotated[int, Ge(0)] | Literal["auto"] = "auto",
        capital: bool | Literal["auto"] = "auto",
        suffix: Annotated[int, Ge(0)] = 10,
        rare: Annotated[int, Ge(1)] = 10,
        spelling: Annotated[float, Gt(0)] = 0.2,
        fold: bool = True,
    ) -> None:
        super().__init__(make_model, vocab, labels)
        if labels is None or labels.size <= FIRST:
            raise DataError("no training token has a label", where="data", remedy="check the column of labels")
        self.tags, self.spelling = labels, Spelling(suffix, rare, spelling, fold)
        self.words = WORDS[-1] if words == "auto" else words
        self.capital = True if capital == "auto" else capital
        self.emissions = Emissions(vocab, labels, self.spelling)
        self.refined = Refined(np.zeros((2, labels.size - FIRST), np.int64), np.zeros(0, np.int64), self.capital)
        self.model = make_model(labels.size)

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """None, 50 or 100 words, with and without the capital; the smallest states first."""
        words, capital = (options.get(name, "auto") for name in ("words", "capital"))
        return [
            {**options, "words": n, "capital": c}
            for n in (WORDS if words == "auto" else (words,))
            for c in ((True, False) if capital == "auto" else (capital,))
        ]

    @classmethod
    def compile(cls) -> None:
        """Compile Viterbi."""
        from core.counting.hmm.compilation import compile_kernels

        compile_kernels()

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        self.emissions = Emissions.of(train, self.vocab, self.tags, self.spelling)
        self.refined = Refined.of(train, self.emissions, self.words, self.capital)
        self.model = self.make_model(self.refined.size + FIRST)
        rows, held_out = (self.refined.rows(corpus, self.emissions) for corpus in (train, dev))
        self.model.fit(rows, held_out, context)

    def predict(self, corpus: Corpus) -> Arrays:
        """See ``CountHead.predict``."""
        codes = best_tags(self.refined.lattice(corpus, self.emissions), self.model)
        return {"label": (self.refined.tags[codes - 1] + FIRST).astype(np.int32)}

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        parts = {"tags": self.model.arrays(), "words": self.emissions.arrays(), "states": self.refined.arrays()}
        return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        parts: dict[str, Arrays] = {"tags": {}, "words": {}, "states": {}}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = array
        self.refined = Refined.restored(parts["states"], self.capital)
        self.model = self.make_model(self.refined.size + FIRST)
        self.model.restore(parts["tags"])
        self.emissions.restore(parts["words"])

    def facts(self) -> dict[str, Any]:
        """The facts of the model of states, how many states there are, and how many endings in the tables."""
        return {**self.model.facts(), "states": self.refined.size, "endings": len(self.emissions.endings.places)}
