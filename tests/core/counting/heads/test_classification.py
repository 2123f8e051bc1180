"""The counting classifier against Bayes' rule computed directly."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import context, corpora, row_accuracy

from core.counting.heads.classification import ClassificationCountHead
from core.data.corpus import Ragged
from core.data.vocab import FIRST
from plugins.encoders.ngram import NGram

TRAIN = [("good fine good", "+"), ("bad", "-"), ("fine", "+"), ("bad bad good", "-"), ("", "+")]
TEST = [("good", "+"), ("bad odd", "-"), ("", "-"), ("odd", "?"), ("fine bad fine odd odd", "+")]


def split(rows):
    return [(text.split(), [label]) for text, label in rows]


def make_head(corpus, unknown="score", bag=0.0, weights="bayes", **options):
    make = {"order": 2, "smoothing": "witten-bell", **options}
    return ClassificationCountHead(
        lambda n: NGram(n, **make), corpus.vocab, corpus.labels, unknown=unknown, bag=bag, weights=weights
    )


def read(vocab, row, unknown):
    """The words of a row as ids; with ``singletons`` a word that training had once is unknown."""
    ids = [vocab.ids.get(word, 1) for word in row]
    return [1 if unknown == "singletons" and vocab.counts[i] == 1 else i for i in ids] + [0]


def fitted(train, rows):
    """One model of some rows of ids."""
    ids = np.array([i for row in rows for i in row], dtype=np.int32)
    rows = Ragged(ids, np.cumsum([0, *map(len, rows)]).astype(np.int64))
    model = NGram(train.vocab.size, order=2, smoothing="witten-bell")
    model.fit(rows, rows, context())
    return lambda history, word: model.next_log_probs(np.array([history], dtype=np.int32))[0, word]


@pytest.mark.parametrize("unknown", ["score", "skip", "singletons"])
@pytest.mark.parametrize("bag", [0.0, 0.4, 1.0])
def test_the_posterior_is_bayes_rule(unknown, bag):
    train, test = corpora(split(TRAIN), split(TEST))
    head = make_head(train, unknown, bag)
    head.fit(train, test, context(row_accuracy))
    result = head.predict(test)
    for place, (text, _) in enumerate(TEST):
        row, joint = read(train.vocab, text.split(), unknown), []
        for c in range(2):
            texts = [t for t, label in TRAIN if label == train.labels.words[c + FIRST]]
            own = [read(train.vocab, t.split(), unknown) for t in texts]
            rows, words = fitted(train, own), fitted(train, [[i, 0] for r in own for i in r[:-1]])
            scored = [(i, word) for i, word in enumerate(row) if unknown != "skip" or word != 1]
            in_row = sum(rows(row[:i], word) for i, word in scored)
            alone = sum(words([0], word) for _, word in scored if word != 0)
            joint.append(np.log(len(texts) / len(TRAIN)) + (1 - bag) * in_row + bag * alone)
        expected = joint - np.log(np.sum(np.exp(joint)))
        np.testing.assert_allclose(result["log_probs"][place], expected, atol=1e-5)
        assert result["label"][place] == FIRST + int(np.argmax(expected))


def test_singletons_estimate_the_unknown_words_of_each_class():
    rows = [(["a", "rare", "odd", "seldom"], ["x"]), (["a", "a", "a", "a"], ["y"])]
    train, test = corpora(rows, [(["a", "new"], ["x"])])
    answers = {}
    for unknown in ("score", "singletons"):
        head = make_head(train, unknown, order=1, smoothing="laplace")
        head.fit(train, test, context(row_accuracy))
        answers[unknown] = np.exp(head.predict(test)["log_probs"][0, 0])
    # six symbols; x: a 1, unknown 3, end 1 of 5; y: a 4, end 1 of 5
    x, y = 2 / 11 * 4 / 11 * 2 / 11, 5 / 11 * 1 / 11 * 2 / 11
    assert answers["singletons"] == pytest.approx(x / (x + y), rel=1e-5)
    x = 2 / 11 * 1 / 11 * 2 / 11
    assert answers["score"] == pytest.approx(x / (x + y), rel=1e-5)


def test_a_row_impossible_in_every_class_gets_the_prior():
    train, test = corpora(split(TRAIN), split([("fine bad", "-")]))
    head = make_head(train, order=2, smoothing="mle")
    head.fit(train, test, context(row_accuracy))
    np.testing.assert_allclose(np.sort(np.exp(head.predict(test)["log_probs"][0])), [2 / 5, 3 / 5])


def test_order_one_is_naive_bayes():
    train, test = corpora([(["a", "a"], ["x"]), (["b"], ["y"])], [(["a"], ["x"])])
    head = make_head(train, order=1, smoothing="lidstone", delta=1.0)
    head.fit(train, test, context(row_accuracy))
    # four symbols; class x: a 2, end 1 of 3; class y: b 1, end 1 of 2
    x, y = (3 / 7) * (2 / 7), (1 / 6) * (2 / 6)
    result = np.exp(head.predict(test)["log_probs"][0])
    np.testing.assert_allclose(result, [x / (x + y), y / (x + y)], rtol=1e-6)


@pytest.mark.parametrize("rows", [[("a", "x")], [("", "x")], [("a", "x"), ("", "y"), ("b", "z")]])
def test_tiny_corpora_and_one_class_run(rows):
    train, test = corpora(split(rows), split([("a q", "x"), ("", "new")]))
    head = make_head(train, order=4, smoothing="kneser-ney")
    head.fit(train, test, context(row_accuracy))
    result = head.predict(test)
    assert result["log_probs"].shape == (2, train.labels.size - FIRST)
    np.testing.assert_allclose(np.exp(result["log_probs"]).sum(axis=1), 1)
    assert result["label"].dtype == np.int32


@pytest.mark.parametrize("weights", ["bayes", "fitted"])
def test_restored_models_are_bit_identical(weights):
    train, test = corpora(split(TRAIN), split(TEST))
    head, again = (make_head(train, "singletons", 0.3, weights) for _ in range(2))
    head.fit(train, test, context(row_accuracy))
    arrays = head.arrays()
    again.restore(arrays)
    assert (again.predict(test)["log_probs"] == head.predict(test)["log_probs"]).all()
    assert ("weights" in arrays) == (weights == "fitted") and all(a.dtype != object for a in arrays.values())


def test_a_run_saved_without_weights_reads_as_bayes_rule():
    train, test = corpora(split(TRAIN), split(TEST))
    older, now = make_head(train, bag=0.3), make_head(train, bag=0.3, weights="fitted")
    older.fit(train, test, context(row_accuracy))
    now.restore(older.arrays())
    assert (now.predict(test)["log_probs"] == older.predict(test)["log_probs"]).all()


def test_weights_of_another_number_of_orders_are_refused():
    train, test = corpora(split(TRAIN), split(TEST))
    head = make_head(train, weights="fitted")
    head.fit(train, test, context(row_accuracy))
    with pytest.raises(ValueError, match="weights"):
        make_head(train).restore(head.arrays() | {"weights": np.zeros(9)})


def test_each_order_and_the_words_have_a_weight_fitted_on_dev():
    train, dev = corpora(split(TRAIN * 4), split(TRAIN))
    head, plain = (make_head(train, bag=0.5, weights=weights, order=3) for weights in ("fitted", "bayes"))
    for each in (head, plain):
        each.fit(train, dev, context(row_accuracy))
    assert len(head.weights) == 1 + 3 + 1 and plain.weights is None
    right = np.array([label - FIRST for label in dev.targets.values[dev.targets.offsets[:-1]]])
    losses = [-each.predict(dev)["log_probs"][np.arange(len(right)), right].mean() for each in (head, plain)]
    assert losses[0] < losses[1]
    together = head.predict(dev)["log_probs"]
    for row in range(len(dev)):
        np.testing.assert_allclose(head.predict(dev.select(np.array([row])))["log_probs"][0], together[row])
