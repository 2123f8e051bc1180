"""The log-probability of a row with each word of the vocabulary at one of its places, with any count model."""

from __future__ import annotations

import numpy as np

from core.counting.base import CountModel
from core.data.corpus import Ragged
from core.data.vocab import END, UNK
from core.types import Float64s, Int64s

TOKENS = 1 << 21  # of rows that are scored at a time


def place_scores(model: CountModel, rows: Ragged, places: Int64s) -> Float64s:
    """log P(row with w at the place) up to a constant per place, for every w: float64 (B, V), -inf for END.

    Args:
        model: a fitted model; one that has its own ``place_scores`` answers itself.
        rows: closed ids.
        places: int64 (B,), where the words are in the values of the rows; none is the END of a row.
    """
    if not len(places):
        return np.zeros((0, model.vocab_size))
    own = model.place_scores(rows, places)
    return by_whole_rows(model, rows, places) if own is None else np.asarray(own, dtype=np.float64)


def by_whole_rows(model: CountModel, rows: Ragged, places: Int64s) -> Float64s:
    """As ``place_scores``, by scoring each row with each word: exact for every model, and slow.

    What is further behind the place than the model looks back is left out.
    """
    scores = np.full((len(places), model.vocab_size), -np.inf)
    words = np.arange(UNK, model.vocab_size, dtype=np.int32)
    for i, place in enumerate(places.tolist()):
        row = int(np.searchsorted(rows.offsets, place, side="right")) - 1
        start, end = int(rows.offsets[row]), int(rows.offsets[row + 1])
        if model.context_size is not None:
            end = min(end, place + model.context_size + 1)
        tokens = rows.values[start:end]
        counted = len(tokens)
        if tokens[-1] != END:
            tokens = np.append(tokens, np.int32(END))
        size = max(1, TOKENS // len(tokens))
        for at in range(0, len(words), size):
            some = words[at : at + size]
            table = np.tile(tokens, (len(some), 1))  # (n, T)
            table[:, place - start] = some
            offsets = np.arange(len(some) + 1, dtype=np.int64) * len(tokens)
            log_probs = model.log_probs(Ragged(table.ravel(), offsets)).reshape(table.shape)
            scores[i, some] = log_probs[:, :counted].sum(1, dtype=np.float64)
    return scores
