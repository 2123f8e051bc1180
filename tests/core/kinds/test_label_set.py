"""Kind ``set`` on hand-worked examples."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.data.batching import RowBatches
from core.data.vocab import SPECIALS
from core.errors import DataError
from core.evaluation.event_hash import event_hash
from core.kinds.label_set import LabelSet, both_sets, gold_sets
from core.kinds.rendering import Prediction, from_tokens
from core.task import Task
from core.types import Arrays

KIND = LabelSet()
NAMES = vocab_of([*SPECIALS, "art", "war"], [4, 0, 3, 1])
ROWS = ["the dog", "", "barks", "dog"]
TEXT = corpus_of(ROWS, ["art war", "", "odd war", "art"], NAMES)  # odd is not in train


class Sets(Task):
    kind, primary = "set", "micro_f1"


def sure(*probs: tuple[float, float]) -> Arrays:
    array = np.array(probs, dtype=np.float32)
    return {"labels": array >= 0.5, "probs": array}


ALL = sure((0.9, 0.8), (0.1, 0.2), (0.4, 0.7), (0.3, 0.6))


def test_the_gold_has_a_column_per_label_those_that_train_lacks_last() -> None:
    assert gold_sets(TEXT).astype(int).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 1], [1, 0, 0]]
    gold, predicted = both_sets(ALL, TEXT)
    assert predicted.astype(int).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert KIND.correct(ALL, TEXT).tolist() == [True, True, False, False]
    assert KIND.answers(ALL, TEXT) == [["art", "war"], [], ["war"], ["war"]]


def test_a_batch_has_a_row_of_decisions_per_row_and_minus_one_without_labels() -> None:
    batch = RowBatches(KIND.examples(TEXT), 4).collate(np.array([2, 0]))
    assert batch.targets.tolist() == [[0, 1], [1, 1]] and batch.index.tolist() == [2, 0]
    nothing = RowBatches(KIND.examples(TEXT), 4).share(1, 2).collate(np.array([0]))
    assert nothing.targets.tolist() == [[-1, -1]] and nothing.index.tolist() == [-1]


def test_baselines() -> None:
    assert KIND.most_frequent(TEXT)["labels"].tolist() == [[True, False]] * 4  # 3 and 1 of 4 training rows
    others = KIND.other_baselines(TEXT)
    assert not others["no label"]["labels"].any() and others["all labels"]["labels"].all()


def test_the_loss_is_that_of_independent_labels() -> None:
    losses = KIND.losses(Sets(), ALL, TEXT)
    assert losses[0] == pytest.approx(-math.log(0.9 * 0.8))
    assert losses[1] == pytest.approx(-math.log(0.9 * 0.8))
    assert losses[2] == math.inf  # a label that train lacks
    assert losses[3] == pytest.approx(-math.log(0.3 * 0.4))
    assert KIND.confidence(ALL)[3] == pytest.approx(0.7 * 0.6)
    assert KIND.losses(Sets(), {"labels": ALL["labels"]}, TEXT) is None


def test_the_order_of_labels_and_of_training_does_not_change_the_hash() -> None:
    other = corpus_of(ROWS, ["war art", "", "war odd", "art"], vocab_of([*SPECIALS, "odd", "war", "art"]))
    assert event_hash(KIND, Sets(), TEXT) == event_hash(KIND, Sets(), other)
    changed = corpus_of(ROWS, ["art war", "", "odd war", ""], NAMES)
    assert event_hash(KIND, Sets(), TEXT) != event_hash(KIND, Sets(), changed)


def test_predictions_of_another_training_split_are_read_by_name() -> None:
    saved = {"labels": np.array([[True, False, True]] * 4), "probs": np.zeros((4, 3))}
    arrays = KIND.renumbered(saved, [*SPECIALS, "war", "art", "gone"], TEXT)
    gold, predicted = both_sets(arrays, TEXT)
    assert predicted.astype(int).tolist() == [[0, 1, 0, 1]] * 4  # art, war, odd, and gone, which is never right
    assert gold.shape == predicted.shape and not KIND.correct(arrays, TEXT).any()


def test_predictions_are_written_with_bars_and_lists() -> None:
    sentence, answer = from_tokens(["a", "dog"]), ["art", "war"]
    assert KIND.render(sentence, answer, "text", 0) == "art|war\ta dog\n"
    assert KIND.render(sentence, [], "tsv", 0) == "\ta dog\n"
    assert json.loads(KIND.render(sentence, answer, "jsonl", 0)) == {"text": "a dog", "labels": answer}
    (probabilities, *_) = KIND.probabilities(ALL, TEXT)
    given = Prediction(answer, probabilities)
    assert KIND.render_probabilities(sentence, given, "tsv") == "art|war\t0.900000|0.800000\ta dog\n"
    found = json.loads(KIND.render_probabilities(sentence, given, "jsonl"))
    assert found["probabilities"] == pytest.approx({"art": 0.9, "war": 0.8})
    with pytest.raises(
        DataError, match="the label 'a|b' contains |, which separates labels; output=jsonl keeps it"
    ):
        KIND.render(sentence, ["a|b"], "tsv", 0)


def test_mistakes_are_pairs_of_sets() -> None:
    assert KIND.confused(ALL, TEXT, np.array([1, 3])) == [("(none)", "(none)"), ("art", "war")]
    assert KIND.event_cells([ALL, ALL], TEXT, 2) == ("war|odd", "war x", "war x")
    other = sure((0.9, 0.2), (0.1, 0.2), (0.9, 0.1), (0.9, 0.1))
    assert KIND.hardest(Sets(), [ALL, other], TEXT).tolist() == [2, 3, 0]  # both wrong, then two wrong labels


def test_an_oracle_of_names_becomes_columns() -> None:
    arrays = KIND.oracle({"label": [["war", "art"], [], ["odd"], ["art"]]}, TEXT)
    assert arrays["labels"].astype(int).tolist() == [[1, 1], [0, 0], [0, 0], [1, 0]]
    with pytest.raises(DataError, match="answers 1 rows where there are 4"):
        KIND.oracle({"label": [[]]}, TEXT)


def test_the_oracle_is_beaten_only_by_more_than_chance() -> None:
    rows = corpus_of(ROWS * 20, ["art war", "", "war", "art"] * 20, NAMES)
    right = KIND.perfect(rows)
    assert KIND.beats(Sets(), right, {"labels": ~right["labels"]}, rows)
    assert not KIND.beats(Sets(), right, right, rows)
