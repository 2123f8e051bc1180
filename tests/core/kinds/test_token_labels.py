"""Kind ``token`` on hand-worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.data.batching import RowBatches
from core.data.vocab import SPECIALS
from core.errors import DataError
from core.evaluation.event_hash import event_hash
from core.kinds.rendering import Prediction, Sentence, from_tokens
from core.kinds.token_labels import TokenLabels
from core.task import Task
from core.types import Arrays

KIND = TokenLabels()
NAMES = vocab_of([*SPECIALS, "N", "V", "D"], [3, 0, 9, 5, 1])  # ids 2, 3, 4
ROWS = ["the dog barks", "", "dog"]
TEXT = corpus_of(ROWS, ["D N V", "", "X"], NAMES)  # X is not in training: id 5


class Tags(Task):
    kind, primary = "token", "accuracy"


def labels(*ids: int) -> Arrays:
    return {"label": np.array(ids, dtype=np.int32)}


def test_end_is_never_read_and_a_label_that_training_lacks_is_not_scored() -> None:
    batch = RowBatches(KIND.examples(TEXT), 3).collate(np.array([0, 1, 2]))
    assert batch.lengths.tolist() == [3, 0, 1]
    assert batch.targets.tolist() == [[2, 0, 1], [-1, -1, -1], [-1, -1, -1]]
    assert batch.index.tolist() == [[0, 1, 2], [-1, -1, -1], [5, -1, -1]]


def test_a_corpus_without_labels_is_read_and_not_scored() -> None:
    batch = RowBatches(KIND.examples(corpus_of(["the dog"])), 1).collate(np.array([0]))
    assert batch.targets.tolist() == [[-1, -1]] and batch.index.tolist() == [[0, 1]]


def test_gold_has_one_label_per_token() -> None:
    assert KIND.gold(TEXT).tolist() == [4, 2, 3, 5]
    assert KIND.count_events(Tags(), TEXT) == 4
    assert KIND.correct(labels(4, 3, 3, 2), TEXT).tolist() == [True, False, True, False]
    assert KIND.event_scores(Tags(), labels(4, 3, 3, 2), TEXT).tolist() == [1, 0, 1, 0]
    aligned = KIND.empty(7, 3) | labels(4, 2, 3, 0, 0, 2, 0)
    assert KIND.scored(aligned, TEXT)["label"].tolist() == [4, 2, 3, 2]


def test_an_event_is_placed_in_its_row_and_empty_rows_hold_none() -> None:
    assert [KIND.place(TEXT, event) for event in range(4)] == [(0, 0), (0, 1), (0, 2), (2, 0)]


def test_the_context_is_the_words_on_both_sides() -> None:
    assert KIND.context(TEXT, 0, 1, " ") == "the [dog] barks"
    assert KIND.context(corpus_of(["the dog " * 10]), 0, 9, " ").split(" ").index("[dog]") == 6


def test_the_hardest_events_are_both_wrong_then_of_rare_labels() -> None:
    corpus = corpus_of(["the dog barks dog the"], ["D N V X N"], NAMES)
    arrays = [labels(4, 3, 2, 2, 2), labels(3, 2, 4, 3, 2)]
    # both wrong: event 2 (V, 5 in training) and event 3 (X, never); one right: event 0 (D, 1) and event 1 (N, 9)
    assert KIND.hardest(Tags(), arrays, corpus).tolist() == [3, 2, 0, 1]
    assert KIND.event_header(["A", "B"]) == ("right", "A", "B")
    assert KIND.event_cells(arrays, corpus, 0) == ("D", "D", "V x")
    assert KIND.event_cells(arrays, corpus, 3) == ("X", "N x", "V x")


def test_the_hash_is_of_the_labels_by_name() -> None:
    other_ids = vocab_of([*SPECIALS, "X", "D", "V", "N"])
    base = event_hash(KIND, Tags(), TEXT)
    assert event_hash(KIND, Tags(), corpus_of(ROWS, ["D N V", "", "X"], other_ids)) == base
    for changed in (["D N N", "", "X"], ["D N V", "", "Y"], ["D N", "V", "X"], ["D N V", "X"]):
        assert event_hash(KIND, Tags(), corpus_of(changed, changed, NAMES)) != base
    assert event_hash(KIND, Tags(), corpus_of(ROWS)) != base


def test_chance_and_the_most_frequent_label() -> None:
    draws = KIND.chance(TEXT)
    assert len(draws) == 20 and all(len(draw["label"]) == 4 for draw in draws)
    assert set(np.concatenate([draw["label"] for draw in draws]).tolist()) == {2, 3, 4}
    assert KIND.most_frequent(TEXT)["label"].tolist() == [2, 2, 2, 2]


def test_the_oracle_answers_every_event() -> None:
    assert KIND.oracle({"label": ["D", "N", "Z", "V"]}, TEXT)["label"].tolist() == [4, 2, 1, 3]
    assert KIND.oracle_gap(TEXT, "test") == ""
    with pytest.raises(DataError, match="answers 1 events where there are 4"):
        KIND.oracle({"label": ["D"]}, TEXT)


@pytest.mark.parametrize(("more", "beats"), [(16, False), (17, True)])
def test_predictions_beat_the_truth_by_four_standard_errors(more: int, beats: bool) -> None:
    corpus = corpus_of(["dog " * 40], ["N " * 40], NAMES)
    right, wrong = np.full(40, 2), np.where(np.arange(40) < more, 3, 2)  # more > 4 sqrt(more) from 17 on
    assert KIND.beats(Tags(), {"label": right}, {"label": wrong}, corpus) == beats
    assert not KIND.beats(Tags(), {"label": wrong}, {"label": right}, corpus)


def test_perfect_and_shuffled_predictions() -> None:
    assert KIND.perfect(TEXT)["label"].tolist() == [4, 2, 3, 5]
    assert sorted(KIND.shuffled(TEXT, np.random.default_rng(0))["label"].tolist()) == [2, 3, 4, 5]


def test_answers_are_the_tags_of_each_row() -> None:
    assert KIND.answers(labels(4, 2, 3, 2), TEXT) == [["D", "N", "V"], [], ["N"]]


SENTENCE = Sentence("the dog.", ["the", "dog", "."], [(0, 3), (4, 7), (7, 8)])


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("text", "the_D dog_N ._P\n"),
        ("auto", "the_D dog_N ._P\n"),
        ("tsv", "the\tD\ndog\tN\n.\tP\n\n"),
        (
            "jsonl",
            '{"text": "the dog.", "tokens": ["the", "dog", "."], "spans": [[0, 3], [4, 7], [7, 8]], '
            '"labels": ["D", "N", "P"]}\n',
        ),
        (
            "conllu",
            "# text = the dog.\n1\tthe\t_\tD\t_\t_\t_\t_\t_\t_\n2\tdog\t_\tN\t_\t_\t_\t_\t_\tSpaceAfter=No\n"
            "3\t.\t_\tP\t_\t_\t_\t_\t_\t_\n\n",
        ),
    ],
)
def test_a_prediction_in_every_format(output: str, text: str) -> None:
    assert output in (*KIND.output_formats, "auto")
    assert KIND.render(SENTENCE, ["D", "N", "P"], output, 3) == text
    assert KIND.render(from_tokens([]), [], "conllu", 3) == ""


def test_a_document_mark_within_a_sentence_is_not_written_where_it_would_end_the_sentence() -> None:
    sentence, answer = from_tokens(["a", "-DOCSTART-", "b"]), ["D", "N", "P"]
    with pytest.raises(DataError, match="the token -DOCSTART- would end the sentence"):
        KIND.render(sentence, answer, "tsv", 3)
    with pytest.raises(DataError, match="the token -DOCSTART- would end the sentence"):
        KIND.render_probabilities(sentence, Prediction(answer, [{"D": 1.0}, {"N": 1.0}, {"P": 1.0}]), "tsv")
    assert KIND.render(sentence, answer, "conllu", 3).count("\n") == 5
    assert KIND.render(from_tokens(["-DOCSTART-"]), ["X"], "tsv", 3) == "-DOCSTART-\tX\n\n"
