"""What the noisy channel says about where its words come from."""

from __future__ import annotations

import numpy as np
from counting_cases import context, corpora

from core.counting.translator import CountingTranslator
from core.kinds import find_kind
from core.model.interface import Attentive
from plugins.encoders.ngram import NGram

ROWS = [
    (["das", "haus"], ["the", "house"]),
    (["das", "buch"], ["the", "book"]),
    (["ein", "buch"], ["a", "book"]),
    (["ein", "haus"], ["a", "house"]),
]


def model_of(corpus, **options):
    encoder = NGram, {"order": 2, "smoothing": "witten-bell", "delta": "auto"}
    return CountingTranslator(find_kind("transduce"), encoder, options, corpus.vocab, corpus.labels)


def test_each_word_is_drawn_from_the_words_that_it_is_linked_to():
    train, test = corpora(ROWS, [(["das", "buch", "Ada"], ["the", "book", "Ada"]), ([], [])])
    model = model_of(train, weights="bayes", distortion=0)
    model.fit(train, train, context(lambda predictions, corpus: {"x": 0.0}, "x"))
    assert isinstance(model, Attentive)
    found, empty = model.attention(test)
    assert found.source == ["das", "buch", "Ada"]
    assert found.output == ["the", "book", "Ada", "</s>"]
    np.testing.assert_array_equal(found.weights, [*np.eye(3), np.zeros(3)])
    assert empty.output == ["</s>"] and empty.weights.shape == (1, 0)


def test_several_links_share_the_weight():
    train, _ = corpora([(["im", "haus"], ["inside"])] * 2, [])
    model = model_of(train, weights="bayes", distortion=0)
    model.fit(train, train, context(lambda predictions, corpus: {"x": 0.0}, "x"))
    links = model.head.table.links
    assert sorted(set(links.tolist())) == [1, 1 + (1 << 7)]  # a word alone, and both
    found = model.attention(train)[0]
    assert found.output[:-1] in (["inside"], ["inside", "inside"])
    if len(found.output) == 2:
        np.testing.assert_array_equal(found.weights, [[0.5, 0.5], [0, 0]])


def test_each_model_learns_its_own_channel_once(monkeypatch):
    import core.counting.heads.translation as translation

    train, _ = corpora(ROWS, [])
    calls, learn = [], translation.learn_channel
    monkeypatch.setattr(translation, "learn_channel", lambda *given: calls.append(given) or learn(*given))
    for _ in range(2):
        encoder = NGram, {"order": "auto", "smoothing": "witten-bell", "delta": "auto"}
        options = {"weights": "bayes", "distortion": 0}
        model = CountingTranslator(find_kind("transduce"), encoder, options, train.vocab, train.labels)
        calls.clear()
        model.fit(train, train, context(lambda predictions, corpus: {"x": 0.0}, "x"))
        assert model.selection.tried > 1
        assert len(calls) == 1  # else the seconds of the second model leave out its alignment
