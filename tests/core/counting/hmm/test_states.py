"""The states of a tagger."""

from __future__ import annotations

from counting_cases import context, corpora, tagger

from core.data.vocab import FIRST


def test_the_words_of_the_states_are_the_most_ambiguous_ones():
    words = ["a"] * 6 + ["b"] * 3 + ["c"] * 9 + ["d"] * 2
    tags = [*"XXXXYY", *"XYZ", *"XXXXXXXXX", *"XY"]  # wrong: a 2, b 2, c 0, d 1
    (train,) = corpora([(words, tags)])
    for n, expected in ((0, set()), (2, {"a", "b"}), (3, {"a", "b", "d"}), (9, {"a", "b", "d"})):
        head = tagger(train, order=2, smoothing="witten-bell", words=n)
        head.fit(train, train, context())
        assert {train.vocab.words[w] for w in head.states.lexical} == expected


def test_a_label_that_training_does_not_have_is_unknown_in_dev():
    train, dev = corpora([(["a", "B"], ["X", "Y"])], [(["a", "B", "a"], ["X", "Q", "Y"]), ([], [])])
    head = tagger(train, order=2, smoothing="witten-bell", words=0, capital=True)
    head.fit(train, dev, context())
    states = {train.labels.words[tag + FIRST]: s + FIRST for s, tag in enumerate(head.states.tags)}
    rows = head.states.rows(dev, head.emissions)
    assert rows.values.tolist() == [states["X"], 1, states["Y"], 0, 0]  # Y had a capital: its most common state
