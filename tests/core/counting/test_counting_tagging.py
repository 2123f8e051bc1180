"""The hidden Markov tagger against enumeration of all tag paths."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from counting_cases import context, corpora, tagged_rows

from core.counting.emissions import shape
from core.counting.tagging import TaggingCountHead
from core.data.vocab import FIRST
from core.errors import ConfigError, DataError
from plugins.encoders.ngram import NGram


def make_head(corpus, **options):
    return TaggingCountHead(lambda size: NGram(size, **options), corpus.vocab, corpus.labels)


def path_score(head, lattice, start, path):
    """log P(tags) + log P(words | tags) of one path of codes, straight from the model."""
    labels = [tag + FIRST - 1 for tag in path]
    total = 0.0
    for i, label in enumerate([*labels, 0]):
        history = np.array([[0, *labels[:i]]], dtype=np.int32)
        total += head.model.next_log_probs(history)[0, label]
    for i, tag in enumerate(path):
        form = lattice.forms[start + i]
        span = slice(lattice.starts[form], lattice.starts[form + 1])
        total += dict(zip(lattice.tags[span], lattice.emissions[span], strict=True)).get(tag, -np.inf)
    return total


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_viterbi_finds_the_best_of_all_paths(order):
    train, test = corpora(tagged_rows(0, 40), tagged_rows(1, 12, words=20))
    head = make_head(train, order=order, smoothing="witten-bell")
    head.fit(train, test, context())
    predicted, lattice = head.predict(test)["label"], head.emissions.lattice(test)
    codes = range(1, train.labels.size - 1)
    for first, last in itertools.pairwise(lattice.offsets.tolist()):
        paths = itertools.product(codes, repeat=last - first)
        best = max(path_score(head, lattice, first, path) for path in paths)
        chosen = (predicted[first:last] - FIRST + 1).tolist()
        assert path_score(head, lattice, first, chosen) == pytest.approx(best, abs=1e-9)


def test_a_known_word_is_emitted_by_relative_frequency():
    rows = [(["a", "run", "b"], ["D", "N", "D"]), (["b", "run"], ["D", "V"]), (["b", "run"], ["D", "N"])]
    (train,) = corpora(rows)
    head = make_head(train, order=2, smoothing="witten-bell")
    head.fit(train, train, context())
    lattice = head.emissions.lattice(train)
    form = lattice.forms[1]
    span = slice(lattice.starts[form], lattice.starts[form + 1])
    names = [train.labels.words[tag + 1] for tag in lattice.tags[span]]
    assert dict(zip(names, np.exp(lattice.emissions[span]), strict=True)) == pytest.approx({"N": 1.0, "V": 1.0})


def test_unknown_words_are_tagged_by_their_endings():
    train_rows = [([stem + "ing", stem + "ed"], ["G", "P"]) for stem in ("walk", "talk", "jump", "call")]
    train, test = corpora(train_rows, [(["shouting"], ["G"]), (["wanted"], ["P"])])
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    assert (head.predict(test)["label"] == test.targets.values[test.targets.inner]).all()


def test_endings_are_mixed_with_the_shorter_ones():
    train, _ = corpora([(["xa", "ya", "yb"], ["A", "A", "B"])], [])
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, train, context())
    emissions = head.emissions
    place = emissions.places
    root = np.array([2, 1]) / 3  # A, B
    lower = (np.array([2, 1]) + 2 * root)[:] / 5  # xa stands first, but in lower case all share one shape
    ending = (np.array([2, 0]) + 1 * lower) / 3
    np.testing.assert_allclose(emissions.probs[place[""]], root)
    np.testing.assert_allclose(emissions.probs[place["l"]], lower)
    np.testing.assert_allclose(emissions.probs[place["la"]], ending)


def test_a_first_word_counts_as_its_lower_case_too():
    train, test = corpora([(["x", "the"], ["X", "D"]), (["The"], ["N"])], [(["The"], ["D"])])
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    lattice = head.emissions.lattice(test)
    assert Counter(train.labels.words[tag + 1] for tag in lattice.tags) == {"D": 1, "N": 1}


@pytest.mark.parametrize(
    ("word", "initial", "expected"),
    [("1990s", False, "d"), ("B2B", False, "m"), ("...", False, "p"), ("USA", True, "u")]
    + [("Paris", False, "c"), ("Paris", True, "i"), ("well-made", False, "h"), ("word", True, "l")],
)
def test_a_shape_says_digit_capital_and_hyphen(word, initial, expected):
    assert shape(word, initial) == expected


@pytest.mark.parametrize("order", [1, 2, 5])
def test_tiny_corpora_run(order):
    for rows in (
        [(["a"], ["X"])],
        [(["a"], ["X"]), ([], [])],
        [(["a", "b"], ["X", "Y"]), ([], []), (["a"], ["Y"])],
    ):
        train, test = corpora(rows, [([], []), (["zzz", "a", "É7"], ["X", "Q", "X"]), ([], [])])
        head = make_head(train, order=order)
        head.fit(train, test, context())
        predicted = head.predict(test)["label"]
        assert len(predicted) == 3 and predicted.dtype == np.int32
        assert (predicted >= FIRST).all() and (predicted < train.labels.size).all()


def test_rare_training_words_below_min_count_are_spelled():
    rows = [(["walking", "is", "is"], ["G", "V", "V"]), (["talking", "is"], ["G", "V"])]
    train, test = corpora(rows, [(["jumping"], ["G"])], min_count=2)
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    assert train.labels.words[head.predict(test)["label"][0]] == "G"


def test_restored_tables_predict_the_same():
    train, test = corpora(tagged_rows(2, 40), tagged_rows(3, 30, words=20))
    head, again = (make_head(train, order=3, smoothing="kneser-ney") for _ in range(2))
    head.fit(train, test, context())
    again.restore(head.arrays())
    assert (again.predict(test)["label"] == head.predict(test)["label"]).all()
    assert again.facts() == head.facts()


def test_too_many_states_and_no_labels_are_refused():
    train, _ = corpora([([f"w{i}" for i in range(200)], [f"T{i}" for i in range(200)])], [])
    head = make_head(train, order=6)
    head.fit(train, train, context())
    with pytest.raises(ConfigError, match="too many states"):
        head.predict(train)
    empty, _ = corpora([([], [])], [])
    with pytest.raises(DataError, match="no training token"):
        make_head(empty, order=2)
