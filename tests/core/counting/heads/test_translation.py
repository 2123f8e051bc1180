"""The noisy channel on two small languages, and on rows that are hard to read."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import context, corpora

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.channel import Settings, align
from core.counting.heads.translation import LONG_ROWS, TranslationCountHead
from core.data.vocab import END, UNK
from core.errors import DataError
from core.kinds.transduction import Transduction
from plugins.datasets.pairs import TwoLanguages
from plugins.datasets.pairs.languages import ADVERBS, INTRANSITIVE, NOUNS
from plugins.encoders.ngram import NGram

KIND = Transduction()


def exact(predictions, corpus):
    return {"exact": 100 * float(np.mean(KIND.exact(predictions, corpus)))}


def head_of(corpus, order=3, **options):
    def make_model(size):
        return NGram(size, order=order, smoothing="witten-bell")

    return TranslationCountHead(make_model, corpus.vocab, corpus.labels, **options)


def fitted(train, dev, order=3, **options):
    head, notes = head_of(train, order, **options), []
    head.fit(train, dev, context(exact, "exact", notify=lambda event, **facts: notes.append(facts)))
    return head, notes


def sentences(split, rows):
    return TwoLanguages().pairs(split)[:rows]


@pytest.fixture(scope="module")
def languages():
    return corpora(sentences("train", 500), sentences("dev", 20), sentences("test", 60))


def test_the_dictionary_of_two_languages_is_found(languages):
    train = languages[0]
    bitext = Bitext(train.targets, train.tokens, (train.labels.size, train.vocab.size))
    lexicon, _ = align(bitext, Settings(5, 5, 0.0, 100, 5, 1.0, 20))
    words, _ = lexicon.best()
    found = {train.labels.words[i]: train.vocab.words[words[i]] for i in range(2, train.labels.size)}
    right = {translation: noun for noun, (translation, _) in NOUNS.items()}
    right |= {translation: adverb for adverb, translation in ADVERBS.items()}
    assert {word: found[word] for word in right} == right
    assert {found[translation] for translation in INTRANSITIVE.values()} <= {
        form for verb in INTRANSITIVE for form in (verb, verb + "s")
    }


def test_a_language_with_another_word_order_is_translated(languages):
    train, dev, test = languages
    head, _ = fitted(train, dev)
    predictions = head.predict(test)
    assert KIND.prediction_error(predictions, test, False) == ""
    assert exact(predictions, test)["exact"] >= 40
    words = fitted(train, dev, phrase=1, distortion=0, weights="bayes")[0].predict(test)
    assert exact(words, test)["exact"] < exact(predictions, test)["exact"] / 2
    restored = head_of(train)
    restored.restore({name: array.copy() for name, array in head.arrays().items()})
    for name, array in restored.predict(test).items():
        np.testing.assert_array_equal(array, predictions[name])
    assert restored.weights == head.weights != head_of(train).weights


def test_weights_of_bayes_rule_need_no_dev(languages):
    train, dev, test = languages
    head, _ = fitted(train, dev.select(np.zeros(0, dtype=np.int64)))
    rule, _ = fitted(train, dev, weights="bayes")
    np.testing.assert_array_equal(head.predict(test)["output"], rule.predict(test)["output"])
    assert head.facts()["weights"] == {"language": 1.0, "word": 0.0, "phrase": 0.0, "jump": 0.0}


def test_damaged_arrays_are_refused(languages):
    train, dev, _ = languages
    arrays = fitted(train, dev, weights="bayes")[0].arrays()
    for name, wrong in {
        "channel.phrases": 10**9,
        "channel.starts": 10**9,
        "channel.words": -1,
        "channel.offsets": -5,
        "channel.bounds": 10**9,
        "channel.log_probs": np.nan,
        "weights": np.nan,
    }.items():
        damaged = arrays | {name: arrays[name].copy()}
        damaged[name][len(damaged[name]) // 2] = wrong
        with pytest.raises(ValueError, match=name.split(".")[-1]):
            head_of(train).restore(damaged)
    with pytest.raises(KeyError):
        head_of(train).restore({name: array for name, array in arrays.items() if name != "channel.keys"})


def test_rows_that_cannot_be_aligned():
    rows = [(["a", "b"], ["x", "y"]), (["a"], []), ([], ["x"]), (["b"], ["y"]), (["a"] * 50, ["x"] * 50)]
    train, dev = corpora(rows, rows)
    head, notes = fitted(train, dev, order=2, longest_row=10, weights="bayes")
    assert [(note["code"], note["values"]) for note in notes if note.get("code") == LONG_ROWS] == [
        (LONG_ROWS, {"rows": 1, "longest_row": 10})
    ]
    answers = KIND.words(head.predict(dev), dev)
    assert answers[0] == ["x", "y"] and answers[2] == [] and len(answers[4]) == 50
    with pytest.raises(DataError, match="no training row has from 1 to 1 words on both sides"):
        fitted(*corpora([(["a", "b"], ["x"])], []), longest_row=1)
    with pytest.raises(DataError, match="no training row has a translation"):
        fitted(*corpora([(["a", "b"], [])], []))


def test_words_that_training_lacks_are_copied():
    rows = [(["a", "b"], ["x", "y"]), (["b"], ["y"]), (["a"], ["x"]), (["b", "a"], ["y", "x"])]
    train, test = corpora(rows, [(["Ada", "b"], ["Ada", "y"])])
    head, _ = fitted(train, test, order=2, weights="bayes", distortion=0)
    predictions = head.predict(test)
    assert KIND.words(predictions, test) == [["Ada", "y"]]
    assert predictions["output"].tolist() == [[UNK, train.labels.ids["y"]]]
    assert predictions["aligned"].tolist() == [[0, 1]]
    assert END not in predictions["output"]


def test_models_of_several_orders_share_one_channel(languages, monkeypatch):
    train, dev, _ = languages
    table, calls = fitted(train, dev, weights="bayes")[0].table, []
    learn = "core.counting.heads.translation.learn_channel"
    monkeypatch.setattr(learn, lambda bitext, settings: calls.append(settings) or table)
    fresh = train.select(np.arange(len(train)))
    for order in (1, 2):
        fitted(fresh, dev, order, weights="bayes")
    fitted(fresh, dev, weights="bayes", phrase=2)
    assert [settings.phrase for settings in calls] == [5, 2]
