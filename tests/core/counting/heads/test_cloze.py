"""The counting head of kind ``cloze``."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import corpora

from core.counting.heads import cloze
from core.counting.heads.cloze import ClozeCountHead
from core.counting.heads.places import by_whole_rows
from core.data.vocab import UNK
from core.kinds.blanks import MOST
from core.kinds.ranks import rank
from core.testing.rows import unscored_context
from plugins.encoders.ngram import NGram

ROWS = [(text.split(), text.split()) for text in ("a b c", "a b d", "c a b", "d d", "b", "a c d b a")]
TRAIN, DEV = corpora(ROWS, [("a b x d".split(), "a a a a".split()), ([], []), (["c"], ["a"])])


def head_of(order: int = 2) -> ClozeCountHead:
    head = ClozeCountHead(lambda size: NGram(size, order=order, smoothing="absolute"), TRAIN.vocab, None)
    head.fit(TRAIN, DEV, unscored_context())
    return head


@pytest.mark.parametrize("cells", [1, 1 << 20])
def test_predictions_are_those_of_whole_rows(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloze, "CELLS", cells)
    head = head_of()
    scores = by_whole_rows(head.model, DEV.closed, np.flatnonzero(DEV.closed.inner))[:, UNK:]
    expected = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    gold = DEV.closed.values[DEV.closed.inner] - UNK
    found = head.predict(DEV, probabilities=True)
    assert np.exp(found["log_prob"]) == pytest.approx(expected[np.arange(5), gold])
    assert found["word"].tolist() == (expected.argmax(1) + UNK).tolist()
    assert found["above"].tolist() == rank(expected, gold)[0].tolist()
    assert np.exp(found["top_log_probs"]).sum(1) == pytest.approx(np.ones(5))
    assert found["top_words"].shape[1] == min(MOST, TRAIN.vocab.size - 1)


def test_a_restored_head_predicts_the_same() -> None:
    head, again = (
        head_of(),
        ClozeCountHead(lambda size: NGram(size, order=2, smoothing="absolute"), TRAIN.vocab, None),
    )
    again.restore(head.arrays())
    first, second = head.predict(DEV), again.predict(DEV)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_no_word_is_no_event() -> None:
    empty = DEV.select(np.array([1]))
    assert all(len(array) == 0 for array in head_of().predict(empty).values())
