"""Properties of tokens, on rows that can be read at a glance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from neural_cases import ragged

from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import ConfigError
from core.neural.inspection.properties import needs_tags, shuffled, tokens_with

ROWS = ['he said " no " now', "`` yes '' she ran", 'a " b', 'c " d']
TAGS = ["N V X D X A", "X D X N V", "N X N", "D X D"]


def rows_of(lines, names):
    table = {name: number for number, name in enumerate(names)}
    return ragged([[table[word] for word in line.split()] for line in lines])


@pytest.fixture
def corpus():
    words = ["</s>", "<unk>", *sorted({word for line in ROWS for word in line.split()})]
    tags = ["</s>", "<unk>", "N", "V", "X", "D", "A"]
    columns = {"tokens": rows_of(ROWS, words), "labels": rows_of(TAGS, tags)}
    return Corpus(Vocab(words, np.ones(len(words))), columns, (), Vocab(tags, np.ones(len(tags), dtype=np.int64)))


def by_row(values, corpus):
    edges = corpus.tokens.offsets.tolist()
    return [values[a : b - 1].tolist() for a, b in pairwise(edges)]


def test_inside_quotes_only_between_two_marks_of_a_row(corpus):
    values, known = tokens_with("quotes", corpus)
    found = [[int(value) for value in row] for row in by_row(values, corpus)]
    assert found == [[0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert (known == corpus.tokens.inner).all()


def test_position_begins_again_in_each_row(corpus):
    values, _ = tokens_with("position", corpus)
    assert by_row(values, corpus) == [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4], [0, 1, 2], [0, 1, 2]]


def test_tags_and_the_distance_since_the_last_one(corpus):
    has, _ = tokens_with("tag:V", corpus)
    assert [sum(row) for row in by_row(has, corpus)] == [1, 1, 0, 0] and has[1]
    values, known = tokens_with("since:N", corpus)
    marks = by_row(known, corpus)
    assert marks == [[True] * 6, [False] * 3 + [True] * 2, [True] * 3, [False] * 3]
    assert by_row(values, corpus)[0] == [0, 1, 2, 3, 4, 5]
    assert by_row(values, corpus)[1][3:] == [0, 1] and by_row(values, corpus)[2] == [0, 1, 0]
    assert not known[~corpus.tokens.inner].any()


@pytest.mark.parametrize(
    ("name", "message"),
    [("nouns", "there is no property 'nouns'"), ("tag:", "no property 'tag:'"), ("quotes:x", "no property")],
)
def test_an_unknown_property_is_an_error(name, message):
    with pytest.raises(ConfigError, match=message) as error:
        needs_tags(name)
    assert "quotes, position, tag:TAG or since:TAG" in error.value.remedy


def test_an_unknown_tag_and_data_without_quotes_are_errors(corpus):
    with pytest.raises(ConfigError, match="there is no tag 'W'"):
        tokens_with("tag:W", corpus)
    with pytest.raises(ConfigError, match="no token of this data is inside quotes"):
        tokens_with("quotes", corpus.select(np.array([2, 3])))


def test_which_properties_need_tags():
    assert [needs_tags(name) for name in ("quotes", "position", "tag:N", "since:V")] == [False, False, True, True]


def test_shuffled_values_are_the_same_ones():
    values = np.arange(50.0)
    assert sorted(shuffled(values)) == values.tolist() and (shuffled(values) != values).any()
