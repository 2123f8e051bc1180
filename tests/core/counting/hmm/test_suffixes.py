"""Suffix tables against hand-worked examples."""

from __future__ import annotations

import numpy as np
from counting_cases import context, corpora, tagger


def test_unknown_words_are_tagged_by_their_suffixes():
    train_rows = [([stem + "ing", stem + "ed"], ["G", "P"]) for stem in ("walk", "talk", "jump", "call")]
    train, test = corpora(train_rows, [(["shouting"], ["G"]), (["wanted"], ["P"])])
    head = tagger(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    assert (head.predict(test)["label"] == test.targets.values[test.targets.inner]).all()


def test_suffixes_are_interpolated_with_shorter_ones():
    train, _ = corpora([(["xa", "ya", "yb", "yb"], ["A", "A", "B", "B"])], [])  # yb is one form, however often
    head = tagger(train, order=1, smoothing="witten-bell")
    head.fit(train, train, context())
    suffixes = head.emissions.suffixes
    root = np.array([2, 1]) / 3  # A, B
    lower = (np.array([2, 1]) + 2 * root) / 5  # xa stands first, but in lower case all share one shape
    ending = (np.array([2, 0]) + 1 * lower) / 3
    np.testing.assert_allclose(suffixes.probs[suffixes.index[""]], root)
    np.testing.assert_allclose(suffixes.probs[suffixes.index["l"]], lower)
    np.testing.assert_allclose(suffixes.probs[suffixes.index["la"]], ending)


def test_suffixes_are_learned_only_from_rare_words():
    train, _ = corpora([(["xa", "xa", "xa", "yb"], ["A", "A", "A", "B"])], [])
    head = tagger(train, order=1, smoothing="witten-bell", rare=2)
    head.fit(train, train, context())
    assert set(head.emissions.suffixes.index) == {"", "l", "lb", "lyb"}
