"""``data=toy-numbers``: texts with a number each, the sum of the weights of their words and noise."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from core.types import Array, Float64s, Int64s
from plugins.datasets.synthetic.base import Batches, Synthetic, token_lists, words, zipf

WORDS, WEIGHTED = 150, 60  # of the vocabulary; those with a weight other than 0
SHORTEST, LONGEST = 4, 20  # words per row
NEGATOR, NEGATED = "not", 0.15  # how often a word follows it
MEAN, SIGMA = 50.0, 1.0  # of all numbers; the standard deviation of the noise


class Sample(NamedTuple):
    """The rows of a split."""

    lengths: Int64s  # (R,)
    tokens: list[str]
    sums: Float64s  # (R,), the numbers without noise
    numbers: Float64s  # (R,)


class ToyNumbers(Synthetic):
    """Texts of 4 to 20 words; a number is 50, plus the sum of the weights of its words, plus noise.

    A word after ``not`` counts with the opposite sign, so that a bag of words does not know it all. The noise is
    normal with standard deviation 1: no model has a smaller RMSE on average.
    """

    salt = 71

    def batches(self, split: str) -> Batches:
        """The rows of one split, as one batch of ``tokens`` and ``label``."""
        import pyarrow as pa

        rows = draw(self.count(split), split, self)
        labels = pa.array([f"{number:.4f}" for number in rows.numbers.tolist()])
        yield pa.RecordBatch.from_pydict({"tokens": token_lists(rows.lengths, rows.tokens), "label": labels})

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The numbers without noise; see ``Source.oracle``."""
        return {"number": draw(self.count(split), split, self).sums} if about == "number" else None


def draw(rows: int, split: str, source: Synthetic) -> Sample:
    """The rows of a split."""
    random, (names, weights) = source.random(split), lexicon()
    lengths = random.integers(SHORTEST, LONGEST + 1, rows)
    owner = np.repeat(np.arange(rows), lengths)
    ids = random.choice(WORDS, len(owner), p=zipf(WORDS, 0.7))
    negated = random.random(len(ids)) < NEGATED
    sums = MEAN + np.bincount(owner, np.where(negated, -1, 1) * weights[ids], minlength=rows)
    numbers = sums + random.normal(0, SIGMA, rows)
    tokens = np.array(names)[ids].astype(object)
    places = np.flatnonzero(negated)
    tokens = np.insert(tokens, places, NEGATOR)
    return Sample(lengths + np.bincount(owner[places], minlength=rows), tokens.tolist(), sums, numbers)


@cache
def lexicon() -> tuple[list[str], Array]:
    """The words and their weights, float64 (WORDS,), in the order of their frequency."""
    random = np.random.default_rng(72)
    weights = np.zeros(WORDS)
    weights[random.permutation(WORDS)[:WEIGHTED]] = random.normal(0, 1, WEIGHTED)
    return words(WORDS, 73), weights
