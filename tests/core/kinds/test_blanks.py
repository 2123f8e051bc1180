"""Marked places and the words that fill them."""

from __future__ import annotations

import json

import numpy as np
from kinds_cases import corpus_of

from core.kinds.cloze import Cloze
from core.kinds.rendering import Prediction, Sentence

KIND = Cloze()
ROWS = corpus_of(["___ dog [MASK]", "the dog", "", "the ___"])
WORDS = np.array([2, 3, 4, 2, 3, 2, 3], dtype=np.int32)
TOP = {
    "word": WORDS,
    "top_words": np.stack([WORDS, 6 - WORDS], 1),
    "top_log_probs": np.log(np.tile([0.75, 0.25], (7, 1))),
}
SPANS = [(0, 3), (5, 8), (8, 9), (10, 16), (16, 17)]
SENTENCE = Sentence("___  dog, [MASK]!", ["___", "dog", ",", "[MASK]", "!"], SPANS)


def test_only_marked_places_are_answered() -> None:
    assert KIND.answers({"word": WORDS}, ROWS) == [["the", "barks"], [], [], ["dog"]]
    assert KIND.answers({"word": WORDS[:0]}, corpus_of([])) == []


def test_rows_without_a_mark_have_a_note() -> None:
    assert not KIND.row_notes(ROWS)
    assert [note.code for note in KIND.row_notes(corpus_of(["the dog", ""]))] == ["cloze.no_marks"]


def test_likely_words_of_each_marked_place() -> None:
    first, none, empty, last = KIND.probabilities(TOP, ROWS)
    assert first == [{"the": 0.75, "barks": 0.25}, {"barks": 0.75, "the": 0.25}]
    assert none == empty == [] and list(last[0]) == ["dog"]


def test_the_text_is_filled_where_the_marks_stand() -> None:
    answer = ["the", "barks"]
    assert KIND.render(SENTENCE, answer, "text", 0) == "the  dog, barks!\n"
    assert KIND.render(SENTENCE, answer, "tsv", 0) == "the barks\t___  dog, [MASK]!\n"
    record = json.loads(KIND.render(SENTENCE, answer, "jsonl", 0))
    assert record["filled"] == "the  dog, barks!"
    assert record["places"][1] == {"token": 3, "span": [10, 16], "word": "barks"}


def test_probabilities_have_a_line_per_place() -> None:
    given = Prediction(["the", "barks"], [{"the": 0.75, "a": 0.25}, {"barks": 1.0}])
    lines = KIND.render_probabilities(SENTENCE, given, "tsv").splitlines()
    assert lines == [
        "1\t___  dog, [MASK]!\tthe\t0.750000\ta\t0.250000",
        "4\t___  dog, [MASK]!\tbarks\t1.000000",
    ]
    record = json.loads(KIND.render_probabilities(SENTENCE, given, "jsonl"))
    assert record["places"][0]["probabilities"] == {"the": 0.75, "a": 0.25}


def test_a_row_without_a_mark_is_written_as_it_is() -> None:
    plain = Sentence("the dog", ["the", "dog"], [(0, 3), (4, 7)])
    assert KIND.render(plain, [], "text", 0) == "the dog\n"
    assert KIND.render_probabilities(plain, Prediction([], []), "tsv") == ""
