"""The distinct word forms of a corpus, and their shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.types import Bools, Int64s

ADDRESS = ("@", "://", "www.")
T = TypeVar("T")


class CorpusCache(Generic[T]):
    """A function of a corpus, computed once for each corpus in use; its result must not refer to the corpus."""

    def __init__(self, function: Callable[[Corpus], T]) -> None:
        self.function = function
        self.results: WeakKeyDictionary[Corpus, T] = WeakKeyDictionary()

    def __call__(self, corpus: Corpus) -> T:
        """The result for a corpus."""
        if corpus not in self.results:
            self.results[corpus] = self.function(corpus)
        return self.results[corpus]


@dataclass(frozen=True)
class WordForms:
    """The distinct forms of a corpus: each word, separate at the start of a row, where capitals mean less."""

    of_token: Int64s  # (N,), the form of each token except END
    offsets: Int64s  # (R + 1,), rows of ``of_token``
    words: Int64s  # (F,), the vocabulary id of each form, UNK if it has none
    initial: Bools  # (F,), whether it is the first word of a row
    capital: Bools  # (F,), whether it begins with a capital and is not the first word of a row
    spelled: list[str]  # the word of each form


def word_forms(corpus: Corpus) -> WordForms:
    """The forms of a corpus."""
    tokens = corpus.tokens
    initial = np.zeros(len(tokens.values), dtype=np.int64)
    initial[tokens.offsets[:-1]] = 1
    keys = (tokens.values.astype(np.int64) * 2 + initial)[tokens.inner]
    keys, of_token = np.unique(keys, return_inverse=True)
    words, first = keys // 2, keys % 2 == 1
    spelled = corpus.spell(words.astype(np.int32))
    closed = np.where(words < corpus.vocab.size, words, UNK)
    offsets = tokens.offsets - np.arange(len(tokens.offsets))
    capital = np.array([word[:1].isupper() for word in spelled], dtype=bool) & ~first
    return WordForms(of_token.astype(np.int64), offsets, closed, first, capital, spelled)


def shape(word: str, initial: bool) -> str:
    """One letter for the shape of a word.

    Args:
        word: the word.
        initial: whether it is the first word of a row, where a capital says little.

    Returns:
        a: an address, d: begins with a digit, m: contains a digit, p: has no letter, u: all capitals, i or c:
        begins with a capital (first in a row or not), h: has a hyphen, l: lower case.
    """
    if not word.isalpha():
        if any(mark in word for mark in ADDRESS):
            return "a"
        if any(ch.isdigit() for ch in word):
            return "d" if word[0].isdigit() else "m"
        if not any(ch.isalpha() for ch in word):
            return "p"
    if len(word) > 1 and word.isupper():
        return "u"
    if word[0].isupper():
        return "i" if initial else "c"
    return "h" if "-" in word else "l"
