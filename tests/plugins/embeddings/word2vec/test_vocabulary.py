"""Which words get vectors."""

from __future__ import annotations

import pytest
from word2vec_cases import text_of

from core.errors import DataError
from plugins.embeddings.word2vec.vocabulary import choose_words


def test_a_vocabulary_that_min_count_empties_is_rejected() -> None:
    with pytest.raises(DataError, match=r"min_count: fewer than two words occur 50 times or more .*: 3\)"):
        choose_words(text_of([[0, 1]] * 3, 2), 50, None)


def test_a_text_of_one_repeated_word_is_rejected() -> None:
    with pytest.raises(DataError, match="fewer than two different words"):
        choose_words(text_of([[0] * 100], 1), 1, None)


def test_the_vocabulary_is_limited_to_the_most_frequent_words() -> None:
    text = text_of([[0, 1, 1, 2, 2, 2, 3, 3, 3, 3]], 4)
    assert choose_words(text, 1, 3).tolist() == [3, 2, 1]
    assert choose_words(text, 3, None).tolist() == [3, 2]
