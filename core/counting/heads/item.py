"""The counting head of kind ``item``: the model itself, and the rank of the right item among all items."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.counting.base import CountModel
from core.counting.heads.language import LanguageCountHead
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, Vocab
from core.kinds.ranks import rank, without
from core.types import Arrays, Int32s, Int64s

CELLS = 1 << 20  # scores of events times items, or items of histories, that exist at a time


class ItemCountHead(LanguageCountHead):
    """Scores and ranks every item of a row by one count model.

    Args:
        make_model: creates the count model.
        vocab: the items.
        labels: None.
    """

    def __init__(self, make_model: Callable[[int], CountModel], vocab: Vocab, labels: Vocab | None) -> None:
        super().__init__(make_model, vocab, labels)

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``."""
        rows, size = corpus.closed, self.vocab.size - FIRST
        events = np.flatnonzero(rows.inner)
        ranks: Arrays = {name: np.full(len(rows.values), at, np.int32) for name, at in (("above", 0), ("ties", 1))}
        reach, width = _reach(rows), self.model.context_size
        columns = max(1, int(reach.max(initial=1)) if width is None else width)
        while len(events):
            block = events[: max(1, CELLS // max(columns, self.vocab.size))]
            events, gold = events[len(block) :], rows.values[block]
            scores = self.model.next_log_probs(_histories(rows, block, reach[block], columns))[:, FIRST:]
            above, ties = rank(scores, np.maximum(gold - FIRST, 0))
            for name, values in without({"above": above, "ties": ties}, gold < FIRST, size).items():
                ranks[name][block] = values
        return {**super().predict(corpus), **ranks}


def _reach(rows: Ragged) -> Int64s:
    """Symbols before each in its row, the start mark included: int64 (N,)."""
    return np.arange(1, len(rows.values) + 1) - np.repeat(rows.offsets[:-1], rows.lengths)


def _histories(rows: Ragged, events: Int64s, reach: Int64s, width: int) -> Int32s:
    """The symbols before some events, right-aligned, END on the left: int32 (B, width)."""
    back = np.arange(width, 0, -1)
    inside = back < reach[:, None]  # (B, width)
    return np.where(inside, rows.values[np.where(inside, events[:, None] - back, 0)], END).astype(np.int32)
