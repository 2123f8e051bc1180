"""Kind ``number`` on hand-worked examples."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.data.batching import RowBatches
from core.data.vocab import SPECIALS
from core.evaluation.event_hash import event_hash
from core.kinds.rendering import from_tokens
from core.kinds.row_number import RowNumber, gold_numbers
from core.task import Task
from core.types import Arrays

KIND = RowNumber()
NUMBERS = vocab_of([*SPECIALS, "2", "10", "2.0"], [4, 0, 2, 1, 1])  # of train: 2, 2, 10, 2
ROWS = ["the dog", "", "barks", "dog"]
TEXT = corpus_of(ROWS, ["2.0", "10", "-4", "2"], NUMBERS)  # -4 is not in train


class Numbers(Task):
    kind, primary, minimize = "number", "rmse", True


def given(*numbers: float) -> Arrays:
    return {"number": np.array(numbers, dtype=np.float64)}


def test_the_gold_is_the_value_however_it_is_written_also_where_train_lacks_it() -> None:
    assert gold_numbers(TEXT).tolist() == [2, 10, -4, 2]
    other = corpus_of(ROWS, ["2", "10.0", "-4.00", "2.0"], vocab_of([*SPECIALS, "10.0", "2"]))
    assert event_hash(KIND, Numbers(), TEXT) == event_hash(KIND, Numbers(), other)
    assert event_hash(KIND, Numbers(), TEXT) != event_hash(KIND, Numbers(), TEXT.select(np.array([0, 1, 2])))


def test_a_batch_has_a_number_per_row_and_nan_where_there_is_none() -> None:
    batch = RowBatches(KIND.examples(TEXT), 4).collate(np.array([2, 0]))
    assert batch.targets.tolist() == [-4, 2] and batch.index.tolist() == [2, 0]
    assert np.isnan(KIND.examples(corpus_of(ROWS)).answers).all()
    nothing = RowBatches(KIND.examples(TEXT), 4).share(1, 2).collate(np.array([0]))
    assert np.isnan(nothing.targets).tolist() == [True] and nothing.index.tolist() == [-1]


def test_the_baselines_are_mean_and_median_of_the_training_rows_and_random_ones_of_them() -> None:
    assert KIND.most_frequent(TEXT)["number"].tolist() == [4.0] * 4  # (2 + 2 + 10 + 2) / 4
    assert KIND.other_baselines(TEXT)["median"]["number"].tolist() == [2.0] * 4
    even = corpus_of(ROWS, ["1", "1", "1", "1"], vocab_of([*SPECIALS, "1", "3", "8", "4"], [8, 0, 2, 2, 1, 3]))
    assert KIND.other_baselines(even)["median"]["number"][0] == 3.5  # of 1 1 3 3 4 4 4 8
    drawn = np.concatenate([arrays["number"] for arrays in KIND.chance(TEXT)])
    assert set(drawn.tolist()) == {2.0, 10.0} and 0.1 < np.mean(drawn == 10) < 0.4


def test_the_events_with_the_largest_difference_of_errors_come_first() -> None:
    arrays = [given(2, 10, -4, 5), given(3, 8, -4, 5)]
    assert KIND.hardest(Numbers(), arrays, TEXT).tolist() == [1, 0]
    assert KIND.event_cells(arrays, TEXT, 1) == ("10", "10", "8")
    assert KIND.loss_cells(arrays[1], TEXT, 1, 4.0) == (4.0, "10", "8")
    assert KIND.losses(Numbers(), arrays[1], TEXT).tolist() == [1, 4, 0, 9]


def test_predictions_are_written_in_the_units_of_the_data() -> None:
    sentence = from_tokens(["a", "dog"])
    assert KIND.render(sentence, 1234567.25, "tsv", 0) == "1.23457e+06\ta dog\n"
    assert KIND.render(sentence, 3.5, "text", 0) == "3.5\ta dog\n"
    assert json.loads(KIND.render(sentence, 1234567.25, "jsonl", 0)) == {"text": "a dog", "number": 1234567.25}


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({}, "it returns no number"),
        ({"number": np.zeros(4, dtype=np.float32)}, "number is float32"),
        ({"number": np.zeros((4, 1))}, "of shape (4, 1)"),
        (given(1, np.nan, np.inf, 2), "not finite in 2 of 4 rows"),
        (given(1, 2, 3, 4), ""),
    ],
)
def test_what_a_plugin_predicts_is_checked(arrays: Arrays, problem: str) -> None:
    found = KIND.prediction_error(arrays, TEXT, False)
    assert problem in found and bool(found) == bool(problem)


def test_the_oracle_is_beaten_only_by_more_than_chance() -> None:
    random, rows = np.random.default_rng(0), 500
    corpus = corpus_of(["dog"] * rows, ["2"] * rows, NUMBERS)
    truth = given(*(2 + random.normal(size=rows)))
    assert KIND.beats(Numbers(), given(*[2.0] * rows), truth, corpus)
    assert not KIND.beats(Numbers(), given(*(2 + random.normal(size=rows))), truth, corpus)
