"""``data=toy-labels``: texts with a set of labels each, those of the things that they speak of."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from core.types import Bools
from plugins.datasets.synthetic.base import Batches, Synthetic, token_lists, words, zipf

LABELS = ("sport", "music", "food", "travel", "science", "politics", "weather", "money")
SHARES = (0.4, 0.3, 0.25, 0.2, 0.2, 0.15, 0.1, 0.06)  # of the rows that speak of each
OWN, FILLERS = 25, 80  # words of each label; words of none
SHORTEST, LONGEST = 4, 12  # other words per row
DENIED = 0.15  # how often a row says that it does not speak of a label: ``no`` and a word of it
NOISE = 0.03  # how often a decision about a row and a label is wrong in the data


class Sample(NamedTuple):
    """The rows of a split."""

    tokens: list[list[str]]
    truth: Bools  # (R, L), what the rows speak of
    labels: Bools  # (R, L), what the data says


class ToyLabels(Synthetic):
    """Texts of which each speaks of any number of eight things, with one to three words of each.

    ``no`` before a word denies it. Of all decisions about a row and a label 3 percent are wrong in the data, at
    random: this is the least Hamming loss on average.
    """

    salt = 81

    def batches(self, split: str) -> Batches:
        """The rows of one split, as one batch of ``tokens`` and ``label``, in which ``|`` joins the labels."""
        import pyarrow as pa

        rows, names = draw(self.count(split), split, self), np.array(LABELS)
        sets = ["|".join(names[own]) for own in rows.labels]
        lengths = np.array([len(tokens) for tokens in rows.tokens])
        tokens = [token for own in rows.tokens for token in own]
        yield pa.RecordBatch.from_pydict({"tokens": token_lists(lengths, tokens), "label": pa.array(sets)})

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """What the rows speak of; see ``Source.oracle``."""
        if about != "set":
            return None
        names = np.array(LABELS)
        return {"label": [names[own].tolist() for own in draw(self.count(split), split, self).truth]}


def draw(rows: int, split: str, source: Synthetic) -> Sample:
    """The rows of a split."""
    random, (own, fillers) = source.random(split), lexicon()
    truth = random.random((rows, len(LABELS))) < np.array(SHARES)
    denied = ~truth & (random.random(truth.shape) < DENIED / len(LABELS))
    found = []
    for row in range(rows):
        parts = [
            [word] for word in random.choice(fillers, random.integers(SHORTEST, LONGEST + 1), p=zipf(FILLERS))
        ]
        for label in np.flatnonzero(truth[row]):
            parts += [[word] for word in random.choice(own[label], random.integers(1, 4), p=zipf(OWN))]
        parts += [["no", str(random.choice(own[label], p=zipf(OWN)))] for label in np.flatnonzero(denied[row])]
        found.append([str(word) for place in random.permutation(len(parts)) for word in parts[place]])
    return Sample(found, truth, truth ^ (random.random(truth.shape) < NOISE))


@cache
def lexicon() -> tuple[list[list[str]], list[str]]:
    """The words of each label, and those of none."""
    every = words(len(LABELS) * OWN + FILLERS, 83)
    return [every[i * OWN : (i + 1) * OWN] for i in range(len(LABELS))], every[len(LABELS) * OWN :]
