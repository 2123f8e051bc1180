"""Scores by groups of events, on hand-worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.data.vocab import SPECIALS
from core.evaluation.breakdowns import confusions, groupings, label_scores, measure, most_disputed
from core.kinds import find_kind
from core.task import Task

NAMES = vocab_of([*SPECIALS, "N", "V", "D"])  # ids 2, 3, 4
ROWS, GOLD = ["the dog barks", "the cow"], ["D N V", "D N"]  # the 4 times in train, dog 2, barks 1, cow never
GIVEN = {"label": np.array([4, 2, 2, 4, 3], dtype=np.int32)}  # D N N, D V: V as N, N as V


class Tags(Task):
    kind, primary = "token", "accuracy"


class Words(Task):
    kind, primary = "next", "perplexity"


class Texts(Task):
    kind, primary = "sequence", "accuracy"


def by_name(kind: str, task: Task, predictions: dict, corpus) -> dict[str, dict[str, float]]:
    """What groups are by -> group -> mean of the measure."""
    measured = measure(find_kind(kind), task, predictions, corpus)
    assert measured is not None
    found = groupings(find_kind(kind), task, predictions, corpus)
    return {own.name: dict(zip(own.names, own.means(measured.values).tolist(), strict=True)) for own in found}


def test_tags_are_grouped_by_the_length_of_the_row_and_by_the_count_of_the_word() -> None:
    found = by_name("token", Tags(), GIVEN, corpus_of(ROWS, GOLD, NAMES))
    assert found["length of the row in tokens"] == {"2": 50, "3": pytest.approx(200 / 3)}
    assert found["count of the word in train"] == {"1": 0, "2 to 9": 100, "unknown": 0}
    assert found["known and unknown words"] == {"known": 75, "unknown": 0}


def test_the_loss_of_a_language_model_is_grouped_with_the_ends_of_rows_unless_they_are_not_scored() -> None:
    corpus, task = corpus_of(ROWS), Words()
    losses = {"log_prob": -np.arange(1.0, 8.0)}  # the dog barks </s> the cow </s>
    found = by_name("next", task, losses, corpus)["count of the word in train"]
    assert found == {"1": 3, "2 to 9": pytest.approx((1 + 2 + 5) / 3), "end of row": 5.5, "unknown": 6}
    task.end = False
    found = by_name("next", task, losses, corpus)["count of the word in train"]
    assert found == {"1": 3, "2 to 9": pytest.approx((1 + 2 + 5) / 3), "unknown": 6}


def test_classes_are_grouped_by_the_share_of_unknown_words() -> None:
    corpus = corpus_of(["the dog barks", "the cow", "a b c d"], ["N", "V", "V"], NAMES)
    found = by_name("sequence", Texts(), {"label": np.array([2, 2, 3], dtype=np.int32)}, corpus)
    assert found["share of unknown words in the row"] == {"0 %": 100, "over 25 %": 50}


def test_the_sizes_of_groups_are_the_scored_events() -> None:
    corpus, task = corpus_of(ROWS), Words()
    task.end = False
    for own in groupings(find_kind("next"), task, {"log_prob": np.zeros(7)}, corpus):
        assert own.sizes.sum() == 5


def test_f1_of_labels_is_the_mean_over_runs() -> None:
    corpus = corpus_of(ROWS, GOLD, NAMES)
    right = {"label": np.array([4, 2, 3, 4, 2], dtype=np.int32)}
    scores = label_scores(find_kind("token"), corpus, {"a": [GIVEN], "b": [GIVEN, right]})
    assert scores is not None and scores.names == ["N", "D", "V"] and scores.counts == [2, 2, 1]
    assert scores.f1 == {"a": [50, 100, 0], "b": [75, 100, 50]}  # N: 1 right, 2 predicted, 2 true


def test_confusions_are_summed_over_runs() -> None:
    found = confusions(find_kind("token"), corpus_of(ROWS, GOLD, NAMES), [GIVEN, GIVEN])
    assert found == {("D", "D"): 4, ("N", "N"): 2, ("N", "V"): 2, ("V", "N"): 2}


@pytest.mark.parametrize("kind", ["next", "vector"])
def test_what_has_no_labels_has_no_confusions(kind: str) -> None:
    assert confusions(find_kind(kind), corpus_of(ROWS), [{"log_prob": np.zeros(7)}]) is None
    assert label_scores(find_kind(kind), corpus_of(ROWS), {"a": [{"log_prob": np.zeros(7)}]}) is None


def test_a_kind_without_scores_has_no_measure() -> None:
    assert measure(find_kind("vector"), Words(), {"right": np.zeros(2)}, corpus_of(ROWS)) is None


def test_the_most_disputed_events_vary_most_and_agreement_is_left_out() -> None:
    scores = [np.array([1.0, 0, 1, 1, 0]), np.array([1.0, 1, 0, 1, 1]), np.array([1.0, 0, 0, 1, 0])]
    labels = [np.array([5, 6, 5, 5, 6]), np.array([5, 5, 6, 5, 5]), np.array([5, 6, 6, 5, 7])]
    spreads = [math.sqrt(2 / 9)] * 3  # of events 1, 2 and 4
    assert np.std(scores, axis=0)[[1, 2, 4]].tolist() == pytest.approx(spreads)
    assert most_disputed(scores, labels, 9).tolist() == [4, 1, 2]  # event 4 has three answers
    assert most_disputed(scores, [], 2).tolist() == [1, 2]
