"""The counting classifier against Bayes' rule done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import context, corpora, row_accuracy

from core.counting.classification import ClassificationCountHead
from core.data.vocab import FIRST
from plugins.encoders.ngram import NGram

TRAIN = [("good fine good", "+"), ("bad", "-"), ("fine", "+"), ("bad bad good", "-"), ("", "+")]
TEST = [("good", "+"), ("bad odd", "-"), ("", "-"), ("odd", "?"), ("fine bad fine odd odd", "+")]


def split(rows):
    return [(text.split(), [label]) for text, label in rows]


def make_head(corpus, unknown="score", **options):
    make = {"order": 2, "smoothing": "witten-bell", **options}
    return ClassificationCountHead(lambda n: NGram(n, **make), corpus.vocab, corpus.labels, unknown=unknown)


@pytest.mark.parametrize("unknown", ["score", "skip"])
def test_the_posterior_is_bayes_rule(unknown):
    train, test = corpora(split(TRAIN), split(TEST))
    head = make_head(train, unknown)
    head.fit(train, test, context(row_accuracy))
    got = head.predict(test)
    for row in range(len(test)):
        joint = []
        for c in range(2):
            mine = [r for r in range(len(train)) if train.targets[r][0] == c + FIRST]
            model = NGram(train.vocab.size, order=2, smoothing="witten-bell")
            model.fit(train.closed.select(np.array(mine)), train.closed, context())
            words = test.closed[row].tolist()
            total = np.log(len(mine) / len(train))
            for i, word in enumerate(words):
                if word != 1 or unknown == "score":
                    total += model.next_log_probs(np.array([words[:i]], dtype=np.int32))[0, word]
            joint.append(total)
        expected = joint - np.log(np.sum(np.exp(joint)))
        np.testing.assert_allclose(got["log_probs"][row], expected, atol=1e-12)
        assert got["label"][row] == FIRST + int(np.argmax(expected))


def test_order_one_is_naive_bayes_by_hand():
    train, test = corpora([(["a", "a"], ["x"]), (["b"], ["y"])], [(["a"], ["x"])])
    head = make_head(train, order=1, smoothing="lidstone", delta=1.0)
    head.fit(train, test, context(row_accuracy))
    # four symbols; class x: a 2, end 1 of 3; class y: b 1, end 1 of 2
    x, y = (3 / 7) * (2 / 7), (1 / 6) * (2 / 6)
    np.testing.assert_allclose(np.exp(head.predict(test)["log_probs"][0]), [x / (x + y), y / (x + y)])


@pytest.mark.parametrize("rows", [[("a", "x")], [("", "x")], [("a", "x"), ("", "y"), ("b", "z")]])
def test_tiny_corpora_and_one_class_run(rows):
    train, test = corpora(split(rows), split([("a q", "x"), ("", "new")]))
    head = make_head(train, order=4, smoothing="kneser-ney")
    head.fit(train, test, context(row_accuracy))
    got = head.predict(test)
    assert got["log_probs"].shape == (2, train.labels.size - FIRST)
    np.testing.assert_allclose(np.exp(got["log_probs"]).sum(axis=1), 1)
    assert got["label"].dtype == np.int32


def test_restored_models_predict_the_same_bits():
    train, test = corpora(split(TRAIN), split(TEST))
    head, again = make_head(train), make_head(train)
    head.fit(train, test, context(row_accuracy))
    again.restore(head.arrays())
    assert (again.predict(test)["log_probs"] == head.predict(test)["log_probs"]).all()
