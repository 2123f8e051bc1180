"""Kind ``transduce``: examples, texts of predictions, copies, other vocabularies."""

from __future__ import annotations

import numpy as np
import pytest
from memory_source import Rows

from core.data.options import DataOptions
from core.data.prepare import encode, prepare
from core.data.vocab import END, UNK
from core.errors import DataError
from core.evaluation.event_hash import event_hash
from core.kinds.rendering import from_tokens
from core.kinds.transduction import NOWHERE, Transduction, filled
from core.task import Task

KIND, TASK = Transduction(), Task()
TRAIN = [("ein hund", "a dog"), ("der hund schläft", "the dog sleeps"), ("ein hund bellt", "a dog barks")]
TEST = [("der hund bellt laut", "the dog barks loudly"), ("ein hund", "a dog")]


def data(task=TASK, train=TRAIN, test=TEST, **options):
    rows = Rows(train=train, dev=test, test=test)
    return prepare(rows, KIND.token_spec(task), DataOptions(**options))


def test_the_vocabulary_of_the_target_is_that_of_the_second_texts_of_training():
    found = data()
    assert found.labels.words[2:] == ["dog", "a", "the", "sleeps", "barks"]
    assert found.splits["test"].label_words == ["loudly"]
    assert "hund" in found.vocab.ids and "hund" not in found.labels.ids
    assert data(Task(min_count=2)).labels.words[2:] == ["dog", "a"]
    assert data(Task(vocab_size=3)).labels.words == ["</s>", "<unk>", "dog"]


def test_both_texts_are_cut_lowered_and_shortened_alike():
    found = data(Task(tokens="char"), [("Ab", "B c")], [("A", "b")], lower=True, max_length=2)
    train = found.splits["train"]
    assert KIND.words(KIND.perfect(train), train) == [["b", " "]]
    assert found.vocab.words[2:] == ["a", "b"]


def test_examples_pad_the_answers_of_a_batch():
    corpus = data().splits["test"]
    examples = KIND.examples(corpus)
    assert examples.events == 2 and examples.lengths.tolist() == [4, 2]
    the, dog, barks, a = (corpus.labels.ids[word] for word in ("the", "dog", "barks", "a"))
    assert examples.answers_of(np.array([0, 1])).tolist() == [[the, dog, barks, UNK, END], [a, dog, END, -1, -1]]
    assert examples.answers_of(np.array([1])).tolist() == [[a, dog, END]]


def test_rows_without_a_second_text_have_no_answers():
    corpus = data().splits["test"]
    alone = type(corpus)(corpus.vocab, {"tokens": corpus.tokens}, corpus.words, corpus.labels)
    assert KIND.examples(alone).answers_of(np.array([0, 1])).tolist() == [[-1], [-1]]


def test_unknown_words_are_copies_of_their_tokens():
    corpus = data().splits["test"]
    the = corpus.labels.ids["the"]
    predictions = filled([np.array([the, UNK, UNK]), np.array([UNK])], [np.array([0, 3, NOWHERE]), np.array([1])])
    assert KIND.words(predictions, corpus) == [["the", "laut", "<unk>"], ["hund"]]
    assert KIND.words(KIND.copied(corpus), corpus) == [["der", "hund", "bellt", "laut"], ["ein", "hund"]]


def test_perfect_predictions_are_the_references_with_words_that_training_lacks():
    corpus = data().splits["test"]
    assert KIND.words(KIND.perfect(corpus), corpus) == [text.split() for _, text in TEST]
    assert KIND.exact(KIND.perfect(corpus), corpus).all()
    assert not KIND.exact(KIND.copied(corpus), corpus).any()


def test_the_most_frequent_text_of_training():
    found = data(train=[*TRAIN, ("hund", "a dog")])
    corpus = found.splits["test"]
    assert KIND.words(KIND.frequent(found.splits["train"], corpus), corpus) == [["a", "dog"]] * 2
    assert KIND.most_frequent(corpus) is None


def test_outputs_of_a_run_with_another_vocabulary_keep_their_words():
    """The other run knew ``loudly`` and a word that no text here has."""
    corpus = data().splits["test"]
    names = ["</s>", "<unk>", "loudly", "softly", "dog"]
    theirs = filled([np.array([4, 2, 3, UNK]), np.array([4])], [np.array([0, 1, 2, 0]), np.array([0])])
    assert KIND.words(KIND.renumbered(theirs, names, corpus), corpus) == [
        ["dog", "loudly", "<unk>", "der"],
        ["dog"],
    ]


def test_the_hash_is_of_words_whatever_their_ids():
    few, all_words = (data(Task(min_count=count)).splits["test"] for count in (2, 1))
    assert event_hash(KIND, TASK, few) == event_hash(KIND, TASK, all_words)
    other = data(test=[TEST[0], ("ein hund", "the dog")]).splits["test"]
    assert event_hash(KIND, TASK, other) != event_hash(KIND, TASK, few)


def test_what_is_wrong_with_the_arrays_of_a_plugin():
    corpus = data().splits["test"]
    right = KIND.copied(corpus)
    assert KIND.prediction_error(right, corpus, False) == ""
    assert "no output" in KIND.prediction_error({}, corpus, False)
    assert "int64" in KIND.prediction_error(right | {"output": right["output"].astype(np.int64)}, corpus, False)
    assert "aligned" in KIND.prediction_error(right | {"aligned": right["aligned"][:1]}, corpus, False)
    assert "from 0 to 99" in KIND.prediction_error(right | {"output": right["output"] * 99}, corpus, False)
    assert "aligned has values" in KIND.prediction_error(right | {"aligned": right["aligned"] + 4}, corpus, False)
    beyond = np.array([[0, 0, 0, 0], [0, 2, 0, 0]], dtype=np.int32)
    assert "aligned has 2 in row 1, of 2 tokens" in KIND.prediction_error(
        right | {"aligned": beyond}, corpus, False
    )


def test_a_target_with_the_end_mark_or_without_text_is_refused():
    with pytest.raises(DataError, match="</s>"):
        data(train=[("ein hund", "a </s> dog")])
    with pytest.raises(DataError, match="no second text per row"):
        data(train=[("ein hund", None)])


def test_other_data_has_the_ids_of_the_model():
    found = data()
    source = Rows(test=[("hund", "dog again")])
    corpus, _ = encode(source, "test", KIND.token_spec(TASK), found.vocab, found.labels, DataOptions())
    assert corpus.targets.values.tolist() == [found.labels.ids["dog"], found.labels.size, END]
    assert corpus.label_words == ["again"]


def test_outputs_as_text_columns_and_objects():
    sentence = from_tokens(["ein", "hund"])
    answer = KIND.shown([["a", "dog"]], TASK)[0]
    assert KIND.render(sentence, answer, "text", 0) == "a dog\n"
    assert KIND.render(sentence, answer, "tsv", 0) == "ein hund\ta dog\n"
    assert KIND.render(sentence, answer, "jsonl", 0) == '{"text": "ein hund", "output": "a dog"}\n'
    assert KIND.shown([["a", " ", "d"]], Task(tokens="char")) == ["a d"]
