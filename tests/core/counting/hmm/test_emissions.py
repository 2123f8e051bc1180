"""P(tag | form) against hand-worked examples."""

from __future__ import annotations

import pytest
from counting_cases import context, corpora, tagger

from core.data.vocab import FIRST


def probs_of(head, corpus, place):
    """The tags that the token at a position can have, with their probabilities."""
    row = head.emissions.probs(corpus)[head.emissions.forms(corpus).of_token[place]]
    return {corpus.labels.words[tag + FIRST]: float(p) for tag, p in enumerate(row) if p}


def test_a_word_has_its_tags_by_relative_frequency_and_by_its_spelling():
    rows = [(["a", "run", "b"], ["D", "N", "D"]), (["b", "run"], ["D", "V"]), (["b", "run"], ["D", "N"])]
    (train,) = corpora(rows)
    head = tagger(train, order=2, smoothing="witten-bell", suffix=0, fold=False, spelling=0.5)
    head.fit(train, train, context())
    # by shape: of the four forms (b stands first and inside) three are D, one is N and V: D 3, N 1, V 1 of 5;
    # all lower case, so their shape says the same: (count + 3 types * share) / (5 + 3) = share
    shape_of_all = {"D": 3 / 5, "N": 1 / 5, "V": 1 / 5}
    expected = {tag: (n + 0.5 * shape_of_all[tag]) / 3.5 for tag, n in {"D": 0, "N": 2, "V": 1}.items()}
    assert probs_of(head, train, 1) == pytest.approx(expected)


def test_a_word_in_other_capitals_is_evidence():
    rows = [(["x", "china", "China"], ["X", "N", "P"]), (["x", "China"], ["X", "P"])]
    train, test = corpora(rows, [(["x", "CHINA"], ["X", "P"])])
    head = tagger(train, order=1, smoothing="witten-bell", suffix=0)
    head.fit(train, test, context())
    bare = head.emissions.suffixes.of(head.emissions.forms(test))[head.emissions.forms(test).of_token[1]]
    x, n, p = (
        (count + share) / 4 for count, share in zip((0, 1, 2), bare, strict=True)
    )  # one of P, then three seen
    assert probs_of(head, test, 1) == pytest.approx({"X": x, "N": n, "P": p})
    alone = tagger(train, order=1, smoothing="witten-bell", suffix=0, fold=False)
    alone.fit(train, test, context())
    assert list(probs_of(alone, test, 1).values()) == pytest.approx(bare.tolist())


def test_a_first_word_is_read_in_lower_case_if_that_is_more_common():
    rows = [(["x", "the", "the", "Xu", "Xu", "xu"], ["X", "D", "D", "P", "P", "N"])]
    train, test = corpora(rows, [(["The"], ["D"]), (["Xu"], ["P"]), (["THE"], ["D"]), (["New"], ["P"])])
    for fold in (True, False):
        head = tagger(train, order=1, smoothing="witten-bell", fold=fold)
        head.fit(train, test, context())
        forms = head.emissions.forms(test)
        read = [train.vocab.words[w] for w in forms.words[forms.of_token]]
        assert read == ["the" if fold else "<unk>", "Xu", "<unk>", "<unk>"]


def test_rare_training_words_below_min_count_are_spelled():
    rows = [(["walking", "is", "is"], ["G", "V", "V"]), (["talking", "is"], ["G", "V"])]
    train, test = corpora(rows, [(["jumping"], ["G"])], min_count=2)
    head = tagger(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    assert train.labels.words[head.predict(test)["label"][0]] == "G"
