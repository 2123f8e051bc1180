"""The most likely next words after sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.data.vocab import END
from core.model.interface import LanguageModel
from core.types import Int32s

CELLS = 1 << 16  # ids of histories that are passed to a model at a time


def next_words(model: LanguageModel, corpus: Corpus, top: int, first: int = END) -> list[dict[str, float]]:
    """The most likely next words after each row and their probabilities, the most likely first.

    Args:
        model: its scores are probabilities.
        corpus: the rows; each is read from its start.
        top: the number of words per row.
        first: the first id that may be one of them.
    """
    prepared = model.prepare(corpus.words)
    rows = corpus.closed if prepared is None else corpus.tokens
    found: list[dict[str, float]] = [{}] * len(rows)
    order = np.argsort(rows.lengths, kind="stable")
    while len(order):
        some = order[: max(1, CELLS // int(rows.lengths[order[-1]]))]
        log_probs = model.next_log_probs(_histories(rows, some), prepared)
        best = first + np.argsort(-log_probs[:, first:], axis=1, kind="stable")[:, :top]  # (B, top)
        probs = np.exp(np.take_along_axis(log_probs, best, 1))
        for row, ids, values in zip(some.tolist(), best.tolist(), probs.tolist(), strict=True):
            found[row] = {corpus.vocab.words[i]: p for i, p in zip(ids, values, strict=True)}
        order = order[len(some) :]
    return found


def first_of(probabilities: Any, top: int) -> Any:
    """The first ``top`` entries of each dictionary word -> probability, also of those in lists."""
    if isinstance(probabilities, dict):
        return dict(list(probabilities.items())[:top])
    return [first_of(part, top) for part in probabilities]


def _histories(rows: Ragged, some: Any) -> Int32s:
    """Rows without their ends, right-aligned behind END: int32 (B, n)."""
    width = int(rows.lengths[some].max())
    histories = np.full((len(some), width), END, dtype=np.int32)
    for line, row in enumerate(some.tolist()):
        words = rows[row][:-1]
        histories[line, width - len(words) :] = words
    return histories
