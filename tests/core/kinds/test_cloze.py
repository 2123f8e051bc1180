"""Kind ``cloze`` on hand-worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from kinds_cases import corpus_of

from core.data.batching import RowBatches
from core.data.vocab import END, UNK
from core.evaluation.event_hash import event_hash
from core.kinds.cloze import Cloze
from core.registry import registry
from tasks.cloze import Cloze as Task

KIND, TASK = Cloze(), Task()
TEXT = corpus_of(["the dog barks", "", "the cat"])  # places: the dog barks | the <unk>
RIGHT = [2, 3, 4, 2, UNK]


def test_a_row_is_read_between_two_ends_and_each_word_is_a_place() -> None:
    batch = RowBatches(KIND.examples(TEXT), 3).collate(np.array([0, 1, 2]))
    assert batch.ids.tolist() == [[END, 2, 3, 4, END], [END, END, END, END, END], [END, 2, 5, END, END]]
    assert batch.lengths.tolist() == [5, 2, 4]
    assert batch.targets.tolist() == [[-1, 2, 3, 4, -1], [-1] * 5, [-1, 2, UNK, -1, -1]]


def test_the_predictions_of_examples_become_those_of_the_words() -> None:
    arrays = KIND.empty(len(KIND.examples(TEXT).answers), TEXT.vocab.size)
    arrays["word"][:] = KIND.examples(TEXT).answers
    assert KIND.scored(arrays, TEXT)["word"].tolist() == RIGHT
    assert KIND.gold(TEXT).tolist() == RIGHT
    assert KIND.count_events(TASK, TEXT) == 5


def test_perfect_predictions_and_chance() -> None:
    best = TASK.metrics(KIND.perfect(TEXT), TEXT)
    assert best == {"accuracy": 100.0, "mrr": 100.0, "perplexity": 1.0, "known": 100.0}
    # four words: <unk> the dog barks
    guess = TASK.metrics(KIND.chance(TEXT)[0], TEXT)
    assert guess["perplexity"] == pytest.approx(4)
    assert guess["mrr"] == pytest.approx(100 * (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_the_most_frequent_word_by_hand() -> None:
    # counts <unk> 0, the 4, dog 2, barks 1, each plus one: 1 5 3 2 of 11
    found = KIND.most_frequent(TEXT)
    assert found["word"].tolist() == [2] * 5
    assert np.exp(found["log_prob"]) == pytest.approx(np.array([5, 3, 2, 5, 1]) / 11)
    assert found["above"].tolist() == [0, 1, 2, 0, 3] and found["ties"].tolist() == [1] * 5


def test_the_oracle_is_read_by_name_and_an_unknown_best_word_is_wrong() -> None:
    ranks = {"above": np.zeros(5, np.int32), "ties": np.ones(5, np.int32), "log_prob": np.zeros(5)}
    found = KIND.oracle({"word": ["the", "dog", "horse", "the", "the"], **ranks}, TEXT)
    assert KIND.correct(found, TEXT).tolist() == [True, True, False, True, False]
    assert "1 of test are unknown" in KIND.oracle_gap(TEXT, "test")


def test_row_sums_give_the_metrics() -> None:
    random = np.random.default_rng(0)
    found = {
        "word": random.integers(1, 5, 5).astype(np.int32),
        "log_prob": -random.random(5),
        "above": random.integers(0, 3, 5).astype(np.int32),
        "ties": random.integers(1, 3, 5).astype(np.int32),
    }
    values = set()
    for statistic in KIND.row_statistics():
        sums = statistic.sums(TASK, found, TEXT)
        values |= {round(float(formula(sums.sum(0))), 9) for formula in statistic.formulas}
    metrics = TASK.metrics(found, TEXT)
    assert {round(metrics[name], 9) for name in ("accuracy", "mrr", "perplexity")} <= values


def test_places_cells_and_context() -> None:
    found = {**KIND.perfect(TEXT), "word": np.array([2, 2, 4, 2, UNK], dtype=np.int32)}
    assert KIND.place(TEXT, 3) == (2, 0)
    assert KIND.context(TEXT, 0, 1, " ") == "the [dog] barks"
    assert KIND.event_cells((found, found), TEXT, 1) == ("dog", "the 1.000 x", "the 1.000 x")
    assert KIND.confused(found, TEXT, np.array([1])) == [("dog", "the")]
    worse = {**found, "log_prob": np.array([0, -3, 0, -1, 0.0])}
    assert KIND.hardest(TASK, (found, worse), TEXT).tolist() == [1, 3]


def test_the_confidence_is_that_of_the_likeliest_word() -> None:
    assert KIND.confidence({"word": np.array([2])}) is None
    assert KIND.confidence({"top_log_probs": np.log([[0.5, 0.25]])}) == pytest.approx([0.5])


def test_other_words_are_other_events() -> None:
    assert event_hash(KIND, TASK, TEXT) != event_hash(KIND, TASK, corpus_of(["the dog barks", "", "the dog"]))
    assert event_hash(KIND, TASK, TEXT) == event_hash(KIND, TASK, corpus_of(["the dog barks", "", "the cow"]))


def test_a_model_that_beats_the_truth_by_far_has_seen_the_word() -> None:
    truth = {"log_prob": np.full(5, -4.0)}
    assert KIND.beats(TASK, {"log_prob": np.zeros(5)}, truth, TEXT)
    assert not KIND.beats(TASK, {"log_prob": np.full(5, -3.5)}, truth, TEXT)


@pytest.mark.parametrize(
    ("encoder", "sees"), [("lstm", "left"), ("bilstm", "both"), ("window", "both"), ("ngram", "both")]
)
def test_what_an_encoder_reads_decides_its_ceiling(encoder: str, sees: str) -> None:
    spec = registry().get("encoder", encoder)
    assert not KIND.incompatibility("cloze", spec)
    assert KIND.reads(spec.extra["family"], spec.extra["sees"]) == sees
