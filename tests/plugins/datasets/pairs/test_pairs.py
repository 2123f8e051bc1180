"""Pairs of texts with a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ConfigError
from core.testing import check_dataset
from plugins.datasets.pairs import Copy, Reversal, TwoLanguages
from plugins.datasets.pairs.languages import ADJECTIVES, ADVERBS, ARTICLES, INTRANSITIVE, NOUNS, TRANSITIVE

WORKED = {
    "the dog sleeps .": "lo hundo dormas .",
    "a wet bank falls .": "un strando aquato falas .",
    "the old bank falls today .": "hodie lo banko malo falas .",
    "a queen does not see the red apple .": "una rega le pome rue ne vidas .",
}


def translate(words):
    """A second implementation: a recursive parser of the first language that writes the second."""
    words, rest = list(words[:-1]), words[-1:]
    adverb = [ADVERBS[words.pop()]] if words[-1] in ADVERBS else []
    subject = phrase(words)
    return [*adverb, *subject, *clause(words), *rest]


def phrase(words):
    article = words.pop(0)
    adjective = words.pop(0) if words[0] in ADJECTIVES else None
    noun = words.pop(0)
    name, gender = ("strando", "m") if (noun, adjective) == ("bank", "wet") else NOUNS[noun]
    ending = {"m": "o", "f": "a", "n": "e"}[gender]
    found = [ARTICLES[article][gender], name, *([ADJECTIVES[adjective] + ending] if adjective else [])]
    if words and words[0] == "that":
        words.pop(0)
        found += [",", "k" + ending, *clause(words), ","]
    return found


def clause(words):
    negated = words[0] == "does"
    verb = words[2] if negated else words[0][:-1]
    del words[: 3 if negated else 1]
    thing = phrase(words) if verb in TRANSITIVE else []
    return [*thing, *(["ne"] if negated else []), {**TRANSITIVE, **INTRANSITIVE}[verb]]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["toy-copy", "toy-reverse", "toy-translate"])
def test_the_data_keep_the_contract(name):
    check_dataset(name)


def test_rows_of_every_length_are_copied_or_reversed():
    copies, backwards = Copy(longest=4).pairs("dev"), Reversal(longest=4).pairs("dev")
    assert [row for row, _ in copies] == [row for row, _ in backwards]
    assert all(answer == row for row, answer in copies)
    assert all(answer == row[::-1] for row, answer in backwards)
    assert np.bincount([len(row) for row, _ in copies], minlength=5)[1:].min() > 100
    assert {len(row) for row, _ in Copy(shortest=7, longest=9).pairs("test")} == {7, 8, 9}
    with pytest.raises(ConfigError, match=r"data.shortest: no row has at least 5 and at most 4 letters"):
        Copy(shortest=5, longest=4)


def test_a_second_translator_agrees_on_every_sentence():
    for split in ("train", "dev", "test"):
        for source, target in TwoLanguages().pairs(split):
            assert translate(source) == target


def test_worked_translations():
    for source, target in WORKED.items():
        assert " ".join(translate(source.split())) == target


def test_splits_differ_and_words_are_those_of_training():
    train, test = TwoLanguages().pairs("train"), TwoLanguages().pairs("test")
    assert train[:20] != test[:20]
    known = {word for pair in train for word in pair[1]}
    assert {word for pair in test for word in pair[1]} <= known
    assert sum(len(source) > 12 for source, _ in test) > 50


def test_other_options_are_other_data():
    prints = {
        Copy().fingerprint(),
        Reversal().fingerprint(),
        Copy(longest=9).fingerprint(),
        TwoLanguages().fingerprint(),
    }
    assert len(prints) == 4
