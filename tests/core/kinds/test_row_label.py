"""Kind ``sequence`` on hand-worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.data.batching import RowBatches
from core.data.vocab import SPECIALS
from core.evaluation.event_hash import event_hash
from core.kinds.rendering import from_tokens
from core.kinds.row_label import RowLabel
from core.task import Task
from core.types import Arrays

KIND = RowLabel()
NAMES = vocab_of([*SPECIALS, "bad", "good"], [4, 0, 3, 1])  # ids 2, 3
ROWS = ["the dog", "", "barks", "dog"]
TEXT = corpus_of(ROWS, ["good", "bad", "odd", "bad"], NAMES)  # odd is not in training: id 4


class Classes(Task):
    kind, primary = "sequence", "accuracy"


def sure(*good: float) -> Arrays:
    """Predictions with the probability of ``good`` in each row."""
    probabilities = np.array([[1 - p, p] for p in good])
    label = (probabilities.argmax(1) + 2).astype(np.int32)
    return {"label": label, "log_probs": np.log(probabilities).astype(np.float32)}


def test_a_row_has_one_answer_and_end_is_never_read() -> None:
    batch = RowBatches(KIND.examples(TEXT), 4).collate(np.array([3, 2, 0]))
    assert batch.targets.tolist() == [0, -1, 1] and batch.index.tolist() == [3, 2, 0]
    assert batch.ids.tolist() == [[3, 0], [4, 0], [2, 3]] and batch.lengths.tolist() == [1, 1, 2]
    assert KIND.examples(corpus_of(ROWS)).answers.tolist() == [-1] * 4


def test_gold_has_one_label_per_row() -> None:
    assert KIND.gold(TEXT).tolist() == [3, 2, 4, 2]
    assert KIND.count_events(Classes(), TEXT) == 4
    assert KIND.correct(sure(0.9, 0.2, 0.1, 0.8), TEXT).tolist() == [True, True, False, False]
    empty = KIND.empty(4, 2)
    assert empty["label"].shape == (4,) and empty["log_probs"].shape == (4, 2)


def test_an_event_is_its_row_and_its_context_the_whole_text() -> None:
    assert KIND.place(TEXT, 2) == (2, 0)
    assert KIND.context(TEXT, 0, 0, " ") == "the dog" and KIND.context(TEXT, 1, 0, " ") == ""


def test_the_hardest_events_are_those_where_the_wrong_model_is_surest() -> None:
    arrays = [sure(0.4, 0.2, 0.1, 0.8), sure(0.9, 0.7, 0.99, 0.1)]
    # both wrong: row 2; one right: row 0 (A wrong, 0.6), row 1 (B wrong, 0.7), row 3 (A wrong, 0.8)
    assert KIND.hardest(Classes(), arrays, TEXT).tolist() == [2, 3, 1, 0]
    assert KIND.event_cells(arrays, TEXT, 0) == ("good", "bad 0.600 x", "good 0.900")
    assert KIND.event_cells([{"label": a["label"]} for a in arrays], TEXT, 2) == ("odd", "bad x", "good x")


def test_the_hash_is_of_the_labels_by_name() -> None:
    base = event_hash(KIND, Classes(), TEXT)
    other_ids = vocab_of([*SPECIALS, "odd", "good", "bad"])
    assert event_hash(KIND, Classes(), corpus_of(ROWS, ["good", "bad", "odd", "bad"], other_ids)) == base
    assert event_hash(KIND, Classes(), corpus_of(ROWS, ["good", "bad", "odd", "good"], NAMES)) != base


def test_chance_and_the_most_frequent_label() -> None:
    assert len(KIND.chance(TEXT)) == 20
    assert KIND.most_frequent(TEXT)["label"].tolist() == [2, 2, 2, 2]
    assert KIND.oracle({"label": ["good", "bad", "bad", "bad"]}, TEXT)["label"].tolist() == [3, 2, 2, 2]
    assert KIND.oracle_gap(TEXT, "test") == ""


def test_a_few_rows_never_beat_the_truth() -> None:
    assert not KIND.beats(Classes(), sure(0.9, 0.2, 0.1, 0.2), sure(0.1, 0.8, 0.1, 0.8), TEXT)


def test_perfect_predictions_are_nearly_certain() -> None:
    corpus = corpus_of(ROWS[:2], ["good", "bad"], NAMES)
    perfect = KIND.perfect(corpus)
    assert perfect["label"].tolist() == [3, 2]
    assert np.allclose(np.exp(perfect["log_probs"]), [[0.1, 0.9], [0.9, 0.1]])
    assert sorted(KIND.shuffled(corpus, np.random.default_rng(0))["label"].tolist()) == [2, 3]


def test_answers_are_names() -> None:
    assert KIND.answers(sure(0.9, 0.2), corpus_of(ROWS[:2], ["good", "bad"], NAMES)) == ["good", "bad"]
    assert math.isclose(float(np.exp(sure(0.9)["log_probs"]).sum()), 1, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("text", "good\tthe dog\n"),
        ("auto", "good\tthe dog\n"),
        ("tsv", "good\tthe dog\n"),
        ("jsonl", '{"text": "the dog", "label": "good"}\n'),
    ],
)
def test_a_prediction_in_every_format(output: str, text: str) -> None:
    assert KIND.render(from_tokens(["the", "dog"]), "good", output, 0) == text


def test_a_text_of_several_lines_stays_on_one() -> None:
    assert KIND.render(from_tokens(["a\r\nb", "c\nd"]), "good", "text", 0) == "good\ta b c d\n"
