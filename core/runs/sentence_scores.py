"""What probability a language model gives to sentences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.data.corpus import Corpus
from core.model.interface import LanguageModel


class Score(NamedTuple):
    """The score of one sentence under a language model.

    Args:
        log_prob: natural log-probability of the whole sentence.
        tokens: the number of scored tokens; the end is one where the task scores it.
        unknown: how many of them are not in the vocabulary and were scored as the unknown word.
        known_log_prob: ``log_prob`` without the unknown ones.
    """

    log_prob: float
    tokens: int
    unknown: int
    known_log_prob: float

    @property
    def perplexity(self) -> float:
        """exp(-log_prob / tokens), NaN without tokens."""
        with np.errstate(over="ignore"):
            return float(np.exp(-self.log_prob / self.tokens)) if self.tokens else float("nan")


def score_rows(model: LanguageModel, rows: Corpus, end: bool) -> list[Score]:
    """Score each row on its own, also with a model of running text; ``end``: whether its end is scored."""
    log_prob = model.score(rows, independent=True).astype(np.float64)
    if not end:
        log_prob[rows.tokens.ends] = 0.0
    if not len(rows):
        return []
    unknown, starts = rows.tokens.values >= rows.vocab.size, rows.tokens.offsets[:-1]
    parts = (log_prob, unknown.astype(np.int64), np.where(unknown, 0.0, log_prob))
    total, unknowns, known = (np.add.reduceat(part, starts).tolist() for part in parts)
    lengths = (rows.tokens.lengths - (0 if end else 1)).tolist()
    return [Score(*row) for row in zip(total, lengths, unknowns, known, strict=True)]
