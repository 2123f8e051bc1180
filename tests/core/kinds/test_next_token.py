"""Kind ``next`` on hand-worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from kinds_cases import corpus_of

from core.data.batching import RowBatches
from core.data.corpus import Corpus
from core.data.vocab import END, UNK
from core.evaluation.event_hash import event_hash
from core.kinds.next_token import NextToken
from core.kinds.rendering import from_tokens
from core.task import Task
from core.types import Arrays

KIND = NextToken()


class WithEnd(Task):
    kind, primary = "next", "perplexity"


class WithoutEnd(WithEnd):
    end = False


TEXT = corpus_of(["the dog barks", "", "the cat"])  # events: the dog barks END | END | the cat END


def log_probs(*values: float) -> Arrays:
    return {"log_prob": np.array(values, dtype=np.float32)}


def test_a_row_reads_end_first_and_answers_its_own_end() -> None:
    batch = RowBatches(KIND.examples(TEXT), 3).collate(np.array([0, 2]))
    assert batch.ids.tolist() == [[END, 2, 3, 4], [END, 2, 5, END]]
    assert batch.targets.tolist() == [
        [2, 3, 4, END],
        [2, UNK, END, -1],
    ]  # an open word is answered as UNK
    assert batch.lengths.tolist() == [4, 3]


def test_nothing_asks_nothing() -> None:
    assert len(KIND.examples(corpus_of([])).answers) == 0


@pytest.mark.parametrize(("task", "events"), [(WithEnd(), 8), (WithoutEnd(), 5)])
def test_the_task_decides_whether_ends_are_events(task: Task, events: int) -> None:
    assert KIND.count_events(task, TEXT) == events
    scores = KIND.event_scores(task, log_probs(*[-1.0] * 8), TEXT)
    assert scores.tolist() == ([-1.0] * 8 if task.end else [-1, -1, -1, 0, 0, -1, -1, 0])


def test_events_are_not_right_or_wrong() -> None:
    assert KIND.gold(TEXT) is None and KIND.correct(log_probs(*[0.0] * 8), TEXT) is None


def test_an_event_is_placed_in_its_row_ends_too() -> None:
    assert [KIND.place(TEXT, event) for event in (0, 3, 4, 5, 7)] == [(0, 0), (0, 3), (1, 0), (2, 0), (2, 2)]


def test_the_context_is_what_the_model_read() -> None:
    assert KIND.context(TEXT, 0, 2, " ") == "the dog [barks]"
    assert KIND.context(TEXT, 2, 2, "") == "thecat[</s>]"
    long = corpus_of(["the dog " * 5])
    assert KIND.context(long, 0, 9, " ") == "dog the dog the dog the [dog]"


def test_the_hardest_events_differ_most() -> None:
    arrays = [log_probs(-1, -1, -1, -1, -1, -1, -1, -1), log_probs(-1, -1.5, 0, -1, -4, -1, -1, -1)]
    assert KIND.hardest(WithEnd(), arrays, TEXT).tolist() == [4, 2, 1]
    assert KIND.hardest(WithoutEnd(), arrays, TEXT).tolist() == [2, 1]  # the end of row 1 is not scored
    assert KIND.event_header(["A", "B"]) == ("A", "B", "B - A")
    assert KIND.event_cells(arrays, TEXT, 2) == ("-1.000", "0.000", "+1.000")


def test_the_hash_is_of_the_vocabulary_and_the_closed_text() -> None:
    base = event_hash(KIND, WithEnd(), TEXT)
    assert event_hash(KIND, WithEnd(), corpus_of(["the dog barks", "", "the cow"])) == base  # both are unknown
    others = [["the dog the", "", "the cat"], ["the dog", "barks", "the cat"], ["the dog barks", "the cat"]]
    assert base not in [event_hash(KIND, WithEnd(), corpus_of(rows)) for rows in others]
    assert event_hash(KIND, WithoutEnd(), TEXT) != base
    larger = Corpus(corpus_of(["x"]).vocab, TEXT.columns, TEXT.words)
    larger.vocab.words.append("another")  # type: ignore[attr-defined] # a list
    assert event_hash(KIND, WithEnd(), larger) != base


def test_chance_and_the_unigram() -> None:
    (chance,) = KIND.chance(TEXT)
    assert np.allclose(chance["log_prob"], -math.log(5)) and len(chance["log_prob"]) == 8
    unigram = KIND.most_frequent(TEXT)["log_prob"]  # counts 3 0 4 2 1 with one added to each, of 15
    assert np.allclose(np.exp(unigram) * 15, [5, 3, 2, 4, 4, 5, 1, 4])


def test_a_truth_about_all_words_is_none_about_unknown_ones() -> None:
    assert KIND.oracle_gap(corpus_of(["the dog"]), "test") == ""
    assert "and 1 of test are unknown here" in KIND.oracle_gap(TEXT, "test")
    assert KIND.oracle({"log_prob": [-1.0, -2.0]}, TEXT)["log_prob"].tolist() == [-1, -2]


def test_predictions_beat_the_truth_by_a_likelihood_ratio_above_ten_thousand() -> None:
    truth = log_probs(*[-2.0] * 8)
    assert not KIND.beats(WithEnd(), log_probs(*[-0.9] * 8), truth, TEXT)  # 8.8 < ln 10,000 = 9.21
    assert KIND.beats(WithEnd(), log_probs(*[-0.8] * 8), truth, TEXT)
    assert not KIND.beats(WithoutEnd(), log_probs(*[-0.8] * 8), truth, TEXT)  # 5 events of 1.2


def test_perfect_and_shuffled_predictions() -> None:
    assert not KIND.perfect(TEXT)["log_prob"].any()
    probabilities = np.exp(KIND.shuffled(TEXT, np.random.default_rng(0))["log_prob"])
    assert {round(p, 4) for p in probabilities.tolist()} <= {0.9, 0.025}
    assert KIND.best_scores(True) == (1.0, 0.0) and KIND.best_scores(False) == (100.0,)


def test_both_families_read_left() -> None:
    assert {KIND.reads(family, sees) for family in ("neural", "counting") for sees in ("left", "both")} == {"left"}


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("text", "-1.2346\tthe dog\n"),
        ("auto", "-1.2346\tthe dog\n"),
        ("tsv", "-1.2346\tthe dog\n"),
        ("jsonl", '{"text": "the dog", "log_prob": -1.23456}\n'),
    ],
)
def test_a_prediction_is_the_log_probability_of_the_row(output: str, text: str) -> None:
    assert KIND.render(from_tokens(["the", "dog"]), -1.23456, output, 0) == text
