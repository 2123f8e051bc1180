"""The notes of the models inside a head: once, and only what holds for the user's rows."""

from __future__ import annotations

from typing import Any

import pytest
from context_cases import context_of
from counting_cases import corpora, row_accuracy, token_accuracy

from core.counting.heads.classification import ClassificationCountHead
from core.counting.heads.tagging import TaggingCountHead
from core.counting.inner_notes import InnerNotes
from plugins.encoders.ngram import NGram

LONG, SHORT = "a b c d e f".split(), ["a"]


def notes_of(rows: dict[str, list[list[str]]], order: int, **options: Any) -> list[str]:
    """The notes of a classifier; ``rows``: class -> its rows."""
    notes: list[str] = []

    def notify(event: str, **facts: Any) -> None:
        if event == "note":
            notes.append(facts["text"])

    train = corpora([(words, [label]) for label, own in rows.items() for words in own])[0]
    head = ClassificationCountHead(
        lambda size: NGram(size, order=order, **options), train.vocab, train.labels, bag=0.5, unknown="score"
    )
    head.fit(train, train, context_of(row_accuracy, "accuracy", notify=notify))
    return notes


def test_a_bag_of_words_inside_a_classifier_has_no_notes() -> None:
    assert notes_of({"x": [LONG] * 3, "y": [LONG[::-1]]}, order=4, smoothing="witten-bell") == []


@pytest.mark.parametrize("smoothing", ["kneser-ney", "modified-kneser-ney", "katz"])
def test_the_discounts_of_inner_models_are_no_notes(smoothing: str) -> None:
    assert notes_of({"x": [LONG] * 3, "y": [LONG]}, order=2, smoothing=smoothing) == []


def test_an_order_longer_than_every_row_is_noted_once_for_all_classes() -> None:
    rows = {"x": [SHORT], "y": [["b", "c"]], "z": [["d"]]}
    text = "no row is long enough for grams of order 5 and higher"  # start, b, c, end
    assert notes_of(rows, order=6, smoothing="witten-bell") == [text]


def test_one_class_of_short_rows_is_no_note() -> None:
    assert notes_of({"x": [SHORT], "y": [LONG]}, order=6, smoothing="witten-bell") == []


def test_a_tagger_notes_only_rows_that_are_too_short() -> None:
    notes: list[str] = []
    context = context_of(token_accuracy, "accuracy", notify=lambda event, **facts: notes.append(facts["text"]))
    train = corpora([(["a", "b"], ["X", "Y"]), (["b"], ["Y"])])[0]
    for order in (2, 6):
        make = lambda size, order=order: NGram(size, order=order, smoothing="kneser-ney")  # noqa: E731 - as the model
        TaggingCountHead(make, train.vocab, train.labels, words=0, capital=False).fit(train, train, context)
    assert notes == ["no row is long enough for grams of order 5 and higher"]


def test_other_events_of_inner_models_pass() -> None:
    events: list[str] = []
    inner = InnerNotes(context_of(notify=lambda event, **facts: events.append(event)))
    inner.of_model(reads_rows=False).notify("progress", step=1)
    inner.of_model(reads_rows=False).notify("note", text="")
    inner.report()
    assert events == ["progress"]
