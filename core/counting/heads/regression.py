"""The counting head of kind ``number``: the mean of the posterior of classes of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

from core.counting.base import CountModel
from core.counting.heads.classification import ClassificationCountHead
from core.data.corpus import Corpus
from core.data.label_columns import to_numbers
from core.data.vocab import FIRST, Vocab
from core.errors import DataError
from core.types import Arrays, Float64s, Int64s

DISTINCT, BINS = 10, 5  # auto: a class per number where there are no more of them, else so many bins


class RegressionCountHead(ClassificationCountHead):
    """The sum of P(class | row) times the mean of the class, where classes are numbers or ranges of them.

    P(class | row) is that of the classifier of kind ``sequence``, with its options.

    Args:
        make_model: creates a count model.
        vocab: the token vocabulary.
        labels: the numbers of training as they are written.
        bins: the number of ranges, with about the same number of training rows each; auto: each distinct number is
            a class where there are at most 10, else 5 ranges.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        bins: Annotated[int, Ge(1)] | Literal["auto"] = "auto",
        **options: Any,
    ) -> None:
        super().__init__(make_model, vocab, labels, **options)
        if labels is None or labels.size <= FIRST:
            raise DataError("no training row has a number", where="data", remedy="check the column of labels")
        numbers, counts = _distinct(labels)
        if bins == "auto":
            bins = len(numbers) if len(numbers) <= DISTINCT else BINS
        self.edges = _edges(numbers, counts, bins)  # (C - 1,)
        members = np.searchsorted(self.edges, numbers)
        sizes = np.bincount(members, counts)  # (C,)
        self.means: Float64s = np.bincount(members, counts * numbers) / sizes
        self.size = len(sizes)
        self.counts = np.zeros(self.size, dtype=np.int64)

    def classes(self, corpus: Corpus) -> Int64s:
        """The range of each row's number; see ``ClassificationCountHead.classes``."""
        targets = corpus.targets
        numbers = to_numbers(corpus.label_names)[targets.values[targets.offsets[:-1]]]
        return np.searchsorted(self.edges, numbers).astype(np.int64)

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``."""
        log_probs = super().predict(corpus)["log_probs"]
        return {"number": np.asarray(np.exp(log_probs) @ self.means, dtype=np.float64)}

    def facts(self) -> dict[str, Any]:
        """Also the means of the classes."""
        return {**super().facts(), "class_means": self.means.tolist()}


def _distinct(labels: Vocab) -> tuple[Float64s, Int64s]:
    """The distinct numbers of training, rising, and how many rows have each: (K,), (K,)."""
    numbers = to_numbers(labels.words[FIRST:])
    values = np.unique(numbers)
    return values, np.bincount(np.searchsorted(values, numbers), labels.counts[FIRST:]).astype(np.int64)


def _edges(numbers: Float64s, counts: Int64s, bins: int) -> Float64s:
    """The largest number of each range but the last: ranges of about as many rows, without empty ones.

    Args:
        numbers: float64 (K,), distinct and rising.
        counts: int64 (K,), rows of each.
        bins: the number of ranges, or fewer where a number has more rows than a range.
    """
    if bins >= len(numbers):
        return numbers[:-1]
    ends = np.cumsum(counts)
    places = np.searchsorted(ends, ends[-1] * np.arange(1, bins) / bins)
    return np.asarray(numbers[np.unique(places[places < len(numbers) - 1])])
