"""The counting head of kind ``set``."""

from __future__ import annotations

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.counting.heads.classification import ClassificationCountHead
from core.counting.heads.label_sets import LabelSetCountHead
from core.data.vocab import SPECIALS
from core.model.context import Context
from core.testing.rows import unscored_context
from plugins.encoders.ngram import NGram

ROWS = ["the dog", "the", "barks", "barks dog", "dog dog", "the the"]
NAMES = vocab_of([*SPECIALS, "art", "war"], [6, 0, 3, 2])
CORPUS = corpus_of(ROWS, ["art", "art", "war", "war art", "", ""], NAMES)
OPTIONS = {"unknown": "score", "bag": 0.0}


def bigram(size: int) -> NGram:
    return NGram(size, order=2, smoothing="witten-bell")


def test_each_label_is_decided_as_a_classifier_of_two_classes_does() -> None:
    own = LabelSetCountHead(bigram, CORPUS.vocab, NAMES, **OPTIONS)
    own.fit(CORPUS, CORPUS, unscored_context())
    arrays = own.predict(CORPUS)
    classes = vocab_of([*SPECIALS, "no", "yes"])
    for column, answers in enumerate(
        (["yes", "yes", "no", "yes", "no", "no"], ["no", "no", "yes", "yes", "no", "no"])
    ):
        corpus = corpus_of(ROWS, answers, classes)
        alone = ClassificationCountHead(bigram, CORPUS.vocab, classes, **OPTIONS)
        alone.fit(corpus, corpus, unscored_context())
        assert arrays["probs"][:, column] == pytest.approx(np.exp(alone.predict(corpus)["log_probs"][:, 1]))
    assert np.array_equal(arrays["labels"], arrays["probs"] >= 0.5)


def test_the_threshold_that_dev_chooses_is_saved() -> None:
    def metrics(arrays, corpus):
        return {"labels": float(arrays["labels"].sum())}  # the more, the better

    own = LabelSetCountHead(bigram, CORPUS.vocab, NAMES, threshold="auto", **OPTIONS)
    own.fit(CORPUS, CORPUS, Context(metrics, "labels"))
    assert own.threshold < 0.5 and own.facts()["rows"] == [3, 2]
    other = LabelSetCountHead(bigram, CORPUS.vocab, NAMES, threshold="auto", **OPTIONS)
    other.restore(own.arrays())
    first, second = own.predict(CORPUS), other.predict(CORPUS)
    assert all(np.array_equal(first[name], second[name]) for name in first) and other.threshold == own.threshold


def test_a_label_that_every_row_has_is_sure() -> None:
    always = corpus_of(ROWS, ["art"] * 6, vocab_of([*SPECIALS, "art"], [6, 0, 6]))
    own = LabelSetCountHead(bigram, always.vocab, always.labels, **OPTIONS)
    own.fit(always, always, unscored_context())
    assert own.predict(always)["labels"].all()
