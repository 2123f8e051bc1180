"""The counting head of kind ``item`` against scores of each history alone."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import corpora

from core.counting.heads import item
from core.counting.heads.item import ItemCountHead
from core.data.vocab import END, FIRST
from core.kinds.ranks import rank
from core.testing.rows import unscored_context
from plugins.encoders.ngram import NGram

ROWS = [(text.split(), text.split()) for text in ("a b c", "a b d", "c a b", "d d", "b", "a c d b a")]
TRAIN, DEV = corpora(ROWS, [("a b x d b".split(), "a a a a a".split()), ([], []), (["c", "a"], ["a", "a"])])


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("cells", [1, 1 << 20])
@pytest.mark.parametrize("whole", [False, True])
def test_each_item_is_ranked_after_its_history(
    order: int, cells: int, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item, "CELLS", cells)
    head = ItemCountHead(lambda size: NGram(size, order=order, smoothing="absolute"), TRAIN.vocab, None)
    head.fit(TRAIN, DEV, unscored_context())
    if whole:
        head.model.context_size = None
    found, rows = head.predict(DEV), DEV.closed
    for row in range(len(rows)):
        for t, symbol in enumerate(rows[row].tolist()):
            at = rows.offsets[row] + t
            history = np.array([[END, *rows[row][:t]]], dtype=np.int32)
            scores = head.model.next_log_probs(history)
            assert found["log_prob"][at] == pytest.approx(scores[0, symbol])
            if symbol >= FIRST:
                above, ties = rank(scores[:, FIRST:], np.array([symbol - FIRST]))
                assert (found["above"][at], found["ties"][at]) == (above[0], ties[0])
            elif symbol != END:
                assert (found["above"][at], found["ties"][at]) == (TRAIN.vocab.size - FIRST, 1)
