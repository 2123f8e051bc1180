"""Kind ``item`` on hand-worked examples."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kinds_cases import corpus_of

from core.data.vocab import FIRST
from core.evaluation.event_hash import event_hash
from core.kinds.next_item import NextItem
from core.kinds.rendering import Prediction, from_tokens
from core.registry import registry
from tasks.next_item import NextItem as Task

KIND, ALL, LAST = NextItem(), Task(k=2), Task(k=2, positions="last")
ROWS = corpus_of(["the dog dog barks", "the", "", "dog cat the"])  # items: the 4, dog 2, barks 1 in training
EVENTS = [False, True, True, True, False, False, False, False, False, True, True, False]


def test_events_are_the_items_after_the_first() -> None:
    assert KIND.scored_tokens(ALL, ROWS).tolist() == EVENTS
    assert KIND.count_events(ALL, ROWS) == 5
    assert np.flatnonzero(KIND.scored_tokens(LAST, ROWS)).tolist() == [3, 10]
    assert event_hash(KIND, ALL, ROWS) != event_hash(KIND, LAST, ROWS)
    assert event_hash(KIND, ALL, ROWS) == event_hash(KIND, Task(k=7), ROWS)


def test_popular_items_by_hand() -> None:
    # right: dog 2nd, dog 2nd, barks 3rd, cat unknown: 4th of 3 items, the 1st
    found = ALL.metrics(KIND.most_frequent(ROWS), ROWS)
    assert found["mrr"] == pytest.approx(100 * (1 / 2 + 1 / 2 + 1 / 3 + 1 / 4 + 1) / 5)
    assert found["hit@2"] == pytest.approx(100 * 3 / 5)
    assert found["ndcg@2"] == pytest.approx(100 * (2 / np.log2(3) + 1) / 5)
    assert LAST.metrics(KIND.most_frequent(ROWS), ROWS)["mrr"] == pytest.approx(100 * (1 / 3 + 1) / 2)


def test_repeated_items_by_hand() -> None:
    # the -> dog: the, dog, barks: 2nd; the dog -> dog: 1st; dog the -> barks: 3rd; unknown: 4th; dog -> the: 2nd
    found = ALL.metrics(KIND.other_baselines(ROWS)["repeated items"], ROWS)
    assert found["mrr"] == pytest.approx(100 * (1 / 2 + 1 + 1 / 3 + 1 / 4 + 1 / 2) / 5)


def test_chance_is_exact() -> None:
    known = (1 + 1 / 2 + 1 / 3) / 3
    assert ALL.metrics(KIND.chance(ROWS)[0], ROWS)["mrr"] == pytest.approx(100 * (4 * known + 1 / 4) / 5)


def test_perfect_and_shuffled_predictions() -> None:
    assert set(ALL.metrics(KIND.perfect(ROWS), ROWS).values()) == {100.0}
    assert ALL.metrics(KIND.shuffled(ROWS, np.random.default_rng(1)), ROWS)["mrr"] < 100


def test_the_events_on_which_two_models_differ_come_by_their_ranks() -> None:
    popular, best = KIND.most_frequent(ROWS), KIND.perfect(ROWS)
    assert KIND.hardest(ALL, (popular, best), ROWS).tolist() == [9, 3, 1, 2]  # 1/4, 1/3, 1/2, 1/2 of 1
    assert KIND.event_cells((popular, best), ROWS, 3) == ("3", "1", "3")
    assert KIND.losses(ALL, popular, ROWS)[[0, 4]].tolist() == [0, 0]  # no events
    assert not KIND.beats(ALL, best, best, ROWS)


def test_row_sums_give_the_metrics() -> None:
    found = KIND.most_frequent(ROWS)
    for task in (ALL, LAST):
        sums = [statistic.sums(task, found, ROWS) for statistic in KIND.row_statistics()]
        values = [float(s.formulas[0](x.sum(0))) for s, x in zip(KIND.row_statistics(), sums, strict=True)]
        assert values == pytest.approx(list(task.metrics(found, ROWS).values()))
        assert sums[0][:, 1].sum() == KIND.count_events(task, ROWS)


def test_no_scored_event_has_no_score() -> None:
    alone = corpus_of(["the", "dog"])
    assert np.isnan(ALL.metrics(KIND.most_frequent(alone), alone)["mrr"])


def test_predictions_as_text() -> None:
    given = from_tokens(["the", "dog"])
    assert KIND.render(given, "barks", "text", 0) == "barks\tthe dog\n"
    assert json.loads(KIND.render(given, "barks", "jsonl", 0)) == {"text": "the dog", "next": "barks"}
    likely = Prediction("barks", {"barks": 0.5, "dog": 0.25})
    assert KIND.render_probabilities(given, likely, "tsv") == "the dog\tbarks\t0.500000\tdog\t0.250000\n"
    assert KIND.first_next_word == FIRST


def test_an_encoder_of_both_sides_would_see_the_item() -> None:
    assert "see the answer" in KIND.incompatibility("next-item", registry().get("encoder", "bilstm"))
    assert not KIND.incompatibility("next-item", registry().get("encoder", "gru"))
