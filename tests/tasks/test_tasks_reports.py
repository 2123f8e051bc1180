"""The tables of a full report compared with counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, Vocab
from core.task import Task
from tasks.lm import LanguageModelling
from tasks.pos import PartOfSpeech
from tasks.sentiment import Sentiment


def vocab(*words: str) -> Vocab:
    return Vocab(["</s>", "<unk>", *words], np.ones(2 + len(words), dtype=np.int64))


def ragged(*rows: list[int]) -> Ragged:
    values = [i for row in rows for i in [*row, END]]
    offsets = np.cumsum([0, *(len(row) + 1 for row in rows)]).astype(np.int64)
    return Ragged(np.array(values, dtype=np.int32), offsets)


# the dog runs | zyx (an open word) | nothing; tags: DET 2, NOUN 3, VERB 4, X 5, which training never had
TAGGED = Corpus(
    vocab("the", "dog", "runs"),
    {"tokens": ragged([2, 3, 4], [5], []), "labels": ragged([2, 3, 4], [5], [])},
    ("zyx",),
    vocab("DET", "NOUN", "VERB"),
    ("X",),
)
TAGS = {"label": np.array([2, 3, 3, 3], dtype=np.int32)}


def test_pos_reports_each_tag_of_all_known_and_unknown_words() -> None:
    everything, known, unknown, _ = PartOfSpeech().report(TAGS, TAGGED)
    assert everything.header == ("label", "true", "predicted", "precision", "recall", "F1")
    assert [row[:3] for row in everything.rows] == [("DET", 1, 1), ("NOUN", 1, 3), ("VERB", 1, 0), ("X", 1, 0)]
    assert everything.rows[1][3:] == pytest.approx((100 / 3, 100.0, 50.0))
    assert {row[0]: row[3:] for row in known.rows}["NOUN"] == pytest.approx((50.0, 100.0, 200 / 3))
    assert [row[:3] for row in unknown.rows] == [("NOUN", 0, 1), ("X", 1, 0)]


def test_pos_reports_the_confusion_of_tags() -> None:
    confusion = PartOfSpeech().report(TAGS, TAGGED)[-1]
    assert confusion.header == ("true \\ predicted", "DET", "NOUN", "VERB", "X")
    assert confusion.rows == [
        ("DET", 1, 0, 0, 0),
        ("NOUN", 0, 1, 0, 0),
        ("VERB", 0, 1, 0, 0),
        ("X", 0, 1, 0, 0),
    ]


def test_sentiment_reports_each_class_and_their_confusion() -> None:
    labels = {"tokens": ragged([2], [], [2], [2]), "labels": ragged([2], [3], [3], [2])}
    corpus = Corpus(vocab("fine"), labels, (), vocab("good", "bad"))
    classes, confusion = Sentiment().report({"label": np.array([2, 3, 2, 2])}, corpus)
    assert [row[:3] for row in classes.rows] == [("good", 2, 3), ("bad", 2, 1)]
    assert classes.rows[0][3:] == pytest.approx((200 / 3, 100.0, 80.0))
    assert confusion.rows == [("good", 2, 0), ("bad", 1, 1)]


def test_a_report_holds_plain_values_only() -> None:
    for table in PartOfSpeech().report(TAGS, TAGGED):
        assert all(type(cell) in (str, int, float) for row in table.rows for cell in row)
        assert all(len(row) == len(table.header) for row in table.rows)


def test_an_empty_split_has_empty_tables() -> None:
    none = Corpus(TAGGED.vocab, {"tokens": ragged([], []), "labels": ragged([], [])}, (), TAGGED.labels)
    assert all(table.rows == [] for table in PartOfSpeech().report({"label": np.zeros(0, dtype=np.int32)}, none))


def test_a_task_without_a_report_has_no_tables() -> None:
    assert Task.report is LanguageModelling.report
    assert LanguageModelling().report({}, TAGGED) == []
