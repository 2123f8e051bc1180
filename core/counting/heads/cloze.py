"""The counting head of kind ``cloze``: P(left w right) for every word w at each place, normalised over w."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.counting.heads.language import LanguageCountHead
from core.counting.heads.places import place_scores
from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.kinds.blanks import MOST
from core.kinds.ranks import rank
from core.types import Arrays, Float64s, Int32s

CELLS = 1 << 17  # scores of places times words that exist at a time: they stay in the caches


class ClozeCountHead(LanguageCountHead):
    """The probability of the whole row with each word of the vocabulary at a place, divided by their sum.

    That is the exact distribution of the word given both sides under the count model, although the model itself
    reads from left to right. Of an n-gram model only the n factors that contain the place depend on the word.

    Args:
        make_model: creates the count model.
        vocab: the token vocabulary.
        labels: None.
    """

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``; the arrays are those of ``core.neural.heads.cloze.ClozeHead``."""
        rows, places = corpus.closed, np.flatnonzero(corpus.closed.inner)
        size = max(1, CELLS // self.vocab.size)
        blocks = [places[at : at + size] for at in range(0, max(1, len(places)), size)]
        parts = [
            self._block(place_scores(self.model, rows, block), rows.values[block], probabilities)
            for block in blocks
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _block(self, scores: Float64s, gold: Int32s, probabilities: bool) -> Arrays:
        """The answers of some places from the log-probabilities of their rows with each word (B, V)."""
        scores = scores[:, UNK:]
        with np.errstate(invalid="ignore"):
            log_probs = scores - _log_sum(scores)[:, None]  # (B, V - 1)
        log_probs = np.where(np.isnan(log_probs), -np.log(scores.shape[1]), log_probs)  # every word is impossible
        above, ties = rank(log_probs, gold - UNK)
        found: dict[str, Any] = {
            "word": (log_probs.argmax(1) + UNK).astype(np.int32),
            "above": above,
            "ties": ties,
        }
        found["log_prob"] = np.take_along_axis(log_probs, gold[:, None] - UNK, 1)[:, 0]
        if probabilities:
            best = np.argsort(-log_probs, axis=1, kind="stable")[:, :MOST]  # (B, K)
            found["top_words"] = (best + UNK).astype(np.int32)
            found["top_log_probs"] = np.take_along_axis(log_probs, best, 1)
        return found


def _log_sum(scores: Float64s) -> Float64s:
    """log of the sum of exp over the last axis: (B, V) -> (B,)."""
    peak = scores.max(1, initial=-np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(peak + np.log(np.exp(scores - peak[:, None]).sum(1)))
