"""The mistakes of one model, on hand-worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.data.vocab import SPECIALS
from core.errors import ConfigError, UnknownName
from core.evaluation.mistakes import Mistakes
from core.kinds import find_kind
from core.kinds.base import Kind
from core.task import Task

NAMES = vocab_of([*SPECIALS, "N", "V", "D:x"])  # ids 2, 3, 4


class Tags(Task):
    kind, primary = "token", "accuracy"


class Words(Task):
    kind, primary = "next", "perplexity"


def taggers(ids: list[int], rows: list[str], gold: list[str]) -> Mistakes:
    arrays = {"label": np.array(ids, dtype=np.int32)}
    return Mistakes(find_kind("token"), Tags(), corpus_of(rows, gold, NAMES), "A on test", arrays)


def tagger() -> Mistakes:
    """Seven tokens, five mistakes: N as V twice, V as N once, D:x as N once, X (not in training) as V once."""
    rows, gold = ["the dog barks cow", "the dog sleeps"], ["D:x N V N", "D:x N X"]
    return taggers([4, 3, 2, 3, 2, 2, 3], rows, gold)


def test_pairs_are_sorted_by_frequency_and_examples_mark_the_word() -> None:
    summary, pairs, examples = tagger().tables(limit=20, rows=None)
    assert summary.title == "A on test"
    assert dict(zip(summary.header, summary.rows[0], strict=True)) == {
        "events": 7,
        "mistakes": 5,
        "% wrong": 500 / 7,
        "% unknown words": 200 / 7,  # cow, sleeps
        "% unknown in mistakes": 40,
    }
    assert pairs.rows == [
        ("N", "V", 2, 40, 50),
        ("D:x", "N", 1, 20, 0),
        ("V", "N", 1, 20, 0),
        ("X", "V", 1, 20, 100),
    ]
    assert examples.header == ("right", "predicted", "row", "text")
    assert "no probabilities" in examples.title
    assert examples.rows[:3] == [
        ("N", "V", 1, "the [dog] barks cow"),
        ("N", "V", 1, "the dog barks [cow]"),
        ("D:x", "N", 2, "[the] dog sleeps"),
    ]


def test_limit_is_of_pairs_and_rows_of_examples_per_pair() -> None:
    _, pairs, examples = tagger().tables(limit=2, rows=1)
    assert pairs.title == "2 of 4 pairs, the most frequent first" and len(pairs.rows) == 2
    assert [row[:2] for row in examples.rows] == [("N", "V"), ("D:x", "N")]
    assert len(tagger().tables(limit=1, rows=None, pair="N:V")[2].rows) == 1


@pytest.mark.parametrize(
    ("pair", "found"),
    [("N:V", {"N:V"}), ("D:x:N", {"D:x:N"}), (":V", {"N:V", "X:V"}), ("N:", {"N:V"}), ("V:D:x", set())],
)
def test_a_pair_is_chosen_also_where_labels_hold_colons(pair: str, found: set[str]) -> None:
    _, pairs, examples = tagger().tables(limit=20, rows=None, pair=pair)
    assert {f"{row[0]}:{row[1]}" for row in pairs.rows} == found == {f"{row[0]}:{row[1]}" for row in examples.rows}


def test_a_wrong_pair_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match="'N' is not a pair; write pair=RIGHT:PREDICTED"):
        tagger().tables(limit=20, rows=None, pair="N")
    with pytest.raises(UnknownName, match="there is no answer 'D:y'|no answer 'D'"):
        tagger().tables(limit=20, rows=None, pair="D:y:N")
    with pytest.raises(UnknownName, match="no answer 'Z'; choose from: D:x, N, V, X"):
        tagger().tables(limit=20, rows=None, pair="Z:N")


def test_the_hardest_example_of_a_pair_has_the_least_probability_of_the_right_answer() -> None:
    kind, rows, gold = find_kind("sequence"), ["the dog", "barks", "the cow", "dog"], ["N", "N", "N", "X"]
    log_probs = np.log([[0.3, 0.4, 0.3], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2], [0.2, 0.7, 0.1]])
    arrays = {"label": np.array([3, 3, 2, 3]), "log_probs": log_probs}
    mistakes = Mistakes(kind, Tags(), corpus_of(rows, gold, NAMES), "A", arrays)
    summary, pairs, examples = mistakes.tables(limit=20, rows=None)
    assert summary.rows == [(4, 3, 75, 100 * 0.5 / 4, 0)]  # of "the cow" half is unknown
    assert [row[:3] for row in pairs.rows] == [("N", "V", 2), ("X", "V", 1)]
    assert [row[:4] for row in examples.rows] == [
        ("N", "V", 2, "barks"),
        ("N", "V", 1, "the dog"),
        ("X", "V", 4, "dog"),
    ]
    losses = [(-math.log(0.1), 10), (-math.log(0.3), 30), (math.inf, 0)]  # training has no label X
    assert np.array([row[4:] for row in examples.rows]) == pytest.approx(np.array(losses))


def test_a_language_model_shows_the_tokens_with_the_largest_loss() -> None:
    corpus = corpus_of(["the dog", "cow"])
    arrays = {"log_prob": np.log([0.5, 0.1, 0.2, 0.01, 0.9])}
    mistakes = Mistakes(find_kind("next"), Words(), corpus, "A", arrays)
    summary, hardest = mistakes.tables(limit=3, rows=None)
    total = -math.log(0.5 * 0.1 * 0.2 * 0.01 * 0.9)
    assert summary.rows[0] == pytest.approx((5, total / 5, 20, -100 * math.log(0.01) / total))
    assert [row[:2] for row in hardest.rows] == [(2, "[cow]"), (1, "the [dog]"), (1, "the dog [</s>]")]
    assert [row[3] for row in hardest.rows] == pytest.approx([1, 10, 20])
    assert [row[2] for row in hardest.rows] == pytest.approx([-math.log(p) for p in (0.01, 0.1, 0.2)])
    assert len(mistakes.tables(limit=3, rows=4)[1].rows) == 4
    with pytest.raises(ConfigError, match="not right or wrong"):
        mistakes.tables(limit=3, rows=None, pair="the:dog")


def test_an_impossible_token_is_first_and_its_loss_infinite() -> None:
    arrays = {"log_prob": np.array([-1.0, -np.inf, -2.0])}
    mistakes = Mistakes(find_kind("next"), Words(), corpus_of(["the dog"]), "A", arrays)
    summary, hardest = mistakes.tables(limit=1, rows=None)
    assert summary.rows[0][:3] == (3, math.inf, 0) and math.isnan(summary.rows[0][3])
    assert hardest.rows == [(1, "the [dog]", math.inf, 0)]


def test_a_model_without_mistakes_has_empty_tables() -> None:
    summary, pairs, examples = taggers([2], ["dog"], ["N"]).tables(limit=20, rows=None)
    assert summary.rows[0][:4] == (1, 0, 0, 0) and math.isnan(summary.rows[0][4])
    assert pairs.rows == examples.rows == []


def test_a_kind_that_says_which_events_are_right_needs_no_more_than_cells() -> None:
    class Parity(Kind):
        """Whether a row has an even number of tokens, for two models at a time."""

        name = "parity"

        def correct(self, predictions, corpus):
            return predictions["even"] == ((corpus.tokens.lengths - 1) % 2 == 0)

        def count_events(self, task, corpus):
            return len(corpus)

        def event_cells(self, arrays, corpus, event):
            first, second = (str(bool(predictions["even"][event])) for predictions in arrays)
            return str((len(corpus.tokens[event]) - 1) % 2 == 0), first, second

    arrays = {"even": np.array([True, True])}
    tables = Mistakes(Parity(), Tags(), corpus_of(["the dog", "dog"]), "A", arrays).tables(limit=20, rows=None)
    assert [table.rows for table in tables] == [
        [(2, 1, 50)],
        [("False", "True", 1, 100)],
        [("False", "True", 2, "dog")],
    ]
