"""Rows are cut where a token has no label, and where they are long."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import corpora

from plugins.models.crf import rows
from plugins.models.crf.features import Templates

TEMPLATES = Templates(1, 0, 0)


def test_a_row_is_cut_where_a_token_has_no_label_and_its_features_read_across() -> None:
    (train,) = corpora([(["a", "b", "c", "d"], ["X", "<unk>", "Y", "Y"]), ([], []), (["e"], ["X"])])
    pieces = list(rows.training_pieces(train, TEMPLATES))
    ids = train.labels.ids
    assert [labels for _, labels in pieces] == [[str(ids["X"])], [str(ids["Y"])] * 2, [str(ids["X"])]]
    assert b"w[1]=b" in pieces[0][0][0] and b"w[-1]=b" in pieces[1][0][0]


def test_labels_that_training_lacks_are_not_learned() -> None:
    train, dev = corpora([(["a"], ["X"])], [(["a", "a"], ["X", "New"])])
    assert [len(labels) for _, labels in rows.training_pieces(dev, TEMPLATES)] == [1]


@pytest.mark.parametrize("size", [1, 9, 10, 11, 35])
def test_each_token_is_predicted_once_and_learned_once(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LONGEST", 10)
    monkeypatch.setattr(rows, "CONTEXT", 3)
    words = [f"w{i}" for i in range(size)]
    (train,) = corpora([(["first"], ["X"]), ([], []), (words, ["X"] * size)])
    whole = TEMPLATES.items(words, 0, size)
    pieces = list(rows.prediction_pieces(train, TEMPLATES))
    assert max(len(piece.items) for piece in pieces) <= 16
    kept = [item for piece in pieces for item in piece.items[piece.skipped : piece.skipped + piece.count]]
    assert kept[1:] == whole
    assert [i for piece in pieces for i in range(piece.first, piece.first + piece.count)] == list(range(size + 1))
    learned = list(rows.training_pieces(train, TEMPLATES))
    assert [item for items, _ in learned for item in items] == kept
    assert all(len(items) == len(labels) <= 10 for items, labels in learned)


def test_no_rows_have_no_pieces() -> None:
    (train,) = corpora([(["a"], ["X"])])
    empty = train.select(np.zeros(0, dtype=np.int64))
    assert not list(rows.prediction_pieces(empty, TEMPLATES)) and not list(rows.training_pieces(empty, TEMPLATES))
