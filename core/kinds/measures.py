"""What a kind of task calls its baselines and losses, and how predictions of another training split are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import END, UNK
from core.types import Arrays, Cell, Note


class Measures:
    """The part of ``Kind`` whose defaults fit labels; a kind of another sort of answers replaces them."""

    constant_name: ClassVar[str] = "most frequent"  # what tables call ``most_frequent``
    reads_around: ClassVar[bool] = False  # the word at each place is predicted, and no model reads that word
    first_next_word: ClassVar[int] = END  # above END: ``predict`` answers with the likeliest next word from it on
    most_likely_words: ClassVar[bool] = False  # ``probabilities`` are those of the likeliest words (``top=``)
    loss_name: ClassVar[str] = "loss (nats)"  # what ``losses`` are, one per event, less is better

    def other_baselines(self, corpus: Corpus) -> dict[str, Arrays]:
        """The predictions of further baselines, by the name that tables show."""
        return {}

    def row_notes(self, corpus: Corpus) -> list[Note]:
        """What the user should know about rows that ``predict`` is given."""
        return []

    def loss_header(self) -> tuple[str, ...]:
        """The headings of ``loss_cells``."""
        return (self.loss_name, "% p(right)")

    def loss_cells(self, predictions: Arrays, corpus: Corpus, event: int, loss: float) -> tuple[Cell, ...]:
        """The loss of an event, and what explains it."""
        return loss, 100 * math.exp(-loss)

    def has_confidence(self, predictions: Arrays) -> bool:
        """Whether saved predictions have what ``Kind.confidence`` reads; else the model predicts again."""
        return "log_probs" in predictions

    def renumbered(self, predictions: Arrays, names: Sequence[str], corpus: Corpus) -> Arrays:
        """Predictions whose label ids mean ``names``, with the ids of a corpus."""
        ids = {name: i for i, name in enumerate(corpus.label_names)}
        table = np.array([ids.get(name, UNK) for name in names], dtype=np.int32)
        return {"label": table[predictions["label"]]}  # without log_probs, whose columns are in the other order
