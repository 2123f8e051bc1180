"""The labels of a trained CRF, and their marginal probabilities."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pycrfsuite

from core.data.vocab import FIRST
from core.types import Arrays, Float64s, Int32s
from plugins.models.crf.rows import Piece


def label_ids(weights: bytes) -> list[int]:
    """The ids of the labels of a checked model file; ValueError if they are not numbers."""
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(weights)
    return [int(name) for name in tagger.labels()]


def tag(weights: bytes, pieces: Iterable[Piece], events: int, size: int, probabilities: bool) -> Arrays:
    """Predict each token.

    Each call has a tagger of its own, since a tagger keeps the row that it reads: threads may call this at once.

    Args:
        weights: a model file of CRFsuite; they must stay in memory.
        pieces: the tokens.
        events: the number of tokens.
        size: the number of labels.
        probabilities: whether the marginal probabilities of all labels are wanted.

    Returns:
        ``label`` int32 (N,), the best sequence of each row (Viterbi); if wanted ``log_probs`` float64 (N, size).
    """
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(weights)
    names = tagger.labels()
    ids = {name: int(name) for name in names}
    answers: Arrays = {"label": np.empty(events, dtype=np.int32)}
    if probabilities:
        answers["log_probs"] = np.full((events, size), -np.inf)
    columns = np.array(list(ids.values()), dtype=np.int64) - FIRST
    for piece in pieces:
        kept = slice(piece.skipped, piece.skipped + piece.count)
        best = tagger.tag(pycrfsuite.ItemSequence(piece.items))[kept]
        labels = np.fromiter((ids[name] for name in best), dtype=np.int32, count=piece.count)
        own = slice(piece.first, piece.first + piece.count)
        answers["label"][own] = labels
        if probabilities:
            answers["log_probs"][own, columns] = _marginals(tagger, names, kept, labels, columns)
    return answers


def _marginals(
    tagger: pycrfsuite.Tagger, names: list[str], kept: slice, labels: Int32s, columns: Int32s
) -> Float64s:
    """The log of P(label of a token | the row), for the row that the tagger has read: (n, names)."""
    marginal = tagger.marginal
    values = (marginal(name, t) for t in range(kept.start, kept.stop) for name in names)
    chances = np.fromiter(values, dtype=np.float64, count=len(labels) * len(names)).reshape(-1, len(names))
    sums = chances.sum(axis=1, keepdims=True)
    # beyond exp(709) the sums of CRFsuite are not numbers: such scores leave no doubt
    sure = ~(np.isfinite(sums) & (sums > 0))[:, 0]
    chances[sure] = columns == labels[sure, None] - FIRST
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(chances / np.where(sure[:, None], 1, sums)))
