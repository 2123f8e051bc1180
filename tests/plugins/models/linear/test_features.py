"""The features are those of scikit-learn's vectorizers; rare ones are left out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from counting_cases import corpora
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from core.data.corpus import Corpus
from plugins.models.linear import features as module
from plugins.models.linear.features import Features, Lengths, stacked

WORDS = ("the", "film", "Film", "a", "I", "x", "goodness", "très", "名前", "😀", "un", "able")


def rows_of(seed: int, number: int, words: tuple[str, ...] = WORDS) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [random.choice(words, random.integers(0, 8)).tolist() for _ in range(number)]


def split(train: list[list[str]], other: list[list[str]], min_count: int = 1) -> list[Corpus]:
    return corpora([(row, ["A"]) for row in train], [(row, ["A"]) for row in other], min_count=min_count)


def same_up_to_order(ours: sparse.csr_matrix, theirs: sparse.csr_matrix) -> bool:
    """Whether two matrices have the same columns: their rows then have the same products."""
    return bool(
        ours.shape == theirs.shape and np.array_equal((ours @ ours.T).toarray(), (theirs @ theirs.T).toarray())
    )


@pytest.mark.parametrize(("words", "shortest", "longest"), [(1, 1, 1), (2, 2, 5), (3, 4, 6)])
def test_they_are_those_of_scikit_learn(
    words: int, shortest: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 7)
    train, other = rows_of(0, 40), rows_of(1, 15, (*WORDS, "unseen", "ñandú"))
    corpus, dev = split(train, other, min_count=4)  # rare words are open ids of training, and features
    own = Features.fit(corpus, Lengths(words, shortest, longest, 1))
    names = {"lowercase": False, "dtype": np.float32}
    by_word = CountVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(1, words), **names)
    by_char = CountVectorizer(analyzer="char_wb", ngram_range=(shortest, longest), **names)
    for vectorizer, part in ((by_word, 0), (by_char, 1)):
        texts = [" ".join(row) for row in train]
        # one of fewer characters than the shortest n-gram is whole in scikit-learn, and no feature here
        skipped = part and shortest > 3
        vectorizer.fit(texts)
        assert skipped or own.sizes[part] == len(vectorizer.vocabulary_)
        for split_, rows in ((corpus, train), (dev, other)):
            ours = stacked(own.count(split_))[part]
            assert ours.dtype == np.float32
            theirs = vectorizer.transform([" ".join(row) for row in rows])
            if skipped:
                kept = [i for name, i in vectorizer.vocabulary_.items() if len(name) >= shortest]
                theirs = theirs[:, kept]
            assert same_up_to_order(ours, theirs)


def test_rare_ngrams_are_left_out() -> None:
    train = rows_of(2, 30)
    own = Features.fit(split(train, train)[0], Lengths(2, 2, 3, 4))
    flat = Counter(tuple(row[i : i + n]) for row in train for n in (1, 2) for i in range(len(row) - n + 1))
    padded = [f" {word} " for row in train for word in row]
    chars = Counter(word[i : i + n] for word in padded for n in (2, 3) for i in range(len(word) - n + 1))
    assert own.sizes == tuple(sum(count >= 4 for count in counts.values()) for counts in (flat, chars))


def test_words_or_characters_may_be_left_out() -> None:
    corpus = split(rows_of(3, 20), [])[0]
    for lengths, part in ((Lengths(0, 2, 4, 1), 0), (Lengths(2, 2, 0, 1), 1)):
        own = Features.fit(corpus, lengths)
        assert own.sizes[part] == 0 < own.sizes[1 - part]
        assert stacked(own.count(corpus))[part].shape == (20, 0)
