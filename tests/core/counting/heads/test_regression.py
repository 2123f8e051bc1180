"""The counting head of kind ``number``."""

from __future__ import annotations

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

from core.counting.heads.regression import RegressionCountHead
from core.data.vocab import SPECIALS
from core.errors import DataError
from core.testing.rows import unscored_context
from plugins.encoders.ngram import NGram

ROWS = ["the dog", "the", "barks", "barks dog", "dog dog", "the the"]
NUMBERS = ["1", "1.0", "5", "5", "3", "1"]
NAMES = vocab_of([*SPECIALS, "1", "5", "3", "1.0"], [6, 0, 2, 2, 1, 1])


def unigram(size: int) -> NGram:
    return NGram(size, order=1, smoothing="laplace")


def head(**options) -> RegressionCountHead:
    return RegressionCountHead(unigram, CORPUS.vocab, NAMES, weights="bayes", unknown="score", bag=0.0, **options)


CORPUS = corpus_of(ROWS, NUMBERS, NAMES)


def test_few_distinct_numbers_are_classes_and_the_answer_is_their_expectation() -> None:
    own = head()
    assert own.means.tolist() == [1, 3, 5] and own.classes(CORPUS).tolist() == [0, 0, 2, 2, 1, 0]
    own.fit(CORPUS, CORPUS, unscored_context())
    # Laplace over </s>, <unk>, the, dog, barks: P(word | class) = (count + 1) / (tokens + 5)
    the = np.array([(4 + 1) / (8 + 5), 1 / (3 + 5), 1 / (5 + 5)])
    end = np.array([(3 + 1) / (8 + 5), 2 / (3 + 5), 3 / (5 + 5)])
    joint = np.array([3, 1, 2]) / 6 * the * end
    posterior = joint / joint.sum()
    assert own.predict(CORPUS)["number"][1] == pytest.approx(posterior @ [1, 3, 5], rel=1e-5)


def test_ranges_have_about_as_many_rows_and_the_mean_of_theirs() -> None:
    own = head(bins=2)
    assert own.edges.tolist() == [1.0] and own.means == pytest.approx([1, 13 / 3])
    unseen = corpus_of(["dog"] * 4, ["-7", "1.5", "3", "99"], NAMES)
    assert own.classes(unseen).tolist() == [0, 1, 1, 1]
    assert head(bins=1).means == pytest.approx([16 / 6])


def test_many_numbers_are_five_ranges() -> None:
    names = vocab_of([*SPECIALS, *map(str, range(40))])
    own = RegressionCountHead(unigram, CORPUS.vocab, names)
    assert own.means == pytest.approx([3.5, 11.5, 19.5, 27.5, 35.5])


def test_a_restored_head_gives_the_same_numbers() -> None:
    own, other = head(bins=2), head(bins=2)
    own.fit(CORPUS, CORPUS, unscored_context())
    other.restore(own.arrays())
    assert np.array_equal(own.predict(CORPUS)["number"], other.predict(CORPUS)["number"])


def test_without_numbers_there_is_nothing_to_learn() -> None:
    with pytest.raises(DataError, match="no training row has a number"):
        RegressionCountHead(unigram, CORPUS.vocab, vocab_of(SPECIALS))
