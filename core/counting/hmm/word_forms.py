"""The distinct forms of a corpus, and how a form looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.types import Int64s

ADDRESS = ("@", "://", "www.")
T = TypeVar("T")


class Once(Generic[T]):
    """A function of a corpus, worked out once for each corpus that is still in use.

    Args:
        make: the function; what it returns must not hold the corpus.
    """

    def __init__(self, make: Callable[[Corpus], T]) -> None:
        self.make = make
        self.kept: WeakKeyDictionary[Corpus, T] = WeakKeyDictionary()

    def __call__(self, corpus: Corpus) -> T:
        """What the function returned for the corpus."""
        if corpus not in self.kept:
            self.kept[corpus] = self.make(corpus)
        return self.kept[corpus]


@dataclass(frozen=True)
class Forms:
    """The distinct forms of a corpus: a word, apart for the first place of a row, where capitals mean less.

    Args:
        of: int64 (N,), the form of each token but END.
        offsets: int64 (R + 1,), rows of ``of``.
        words: int64 (F,), the vocabulary's id of each form, UNK where it has none.
        initial: bool (F,), whether it stands first in a row.
        capital: bool (F,), whether it begins with a capital and does not stand first.
        spelled: the word of each form.
    """

    of: Int64s
    offsets: Int64s
    words: Int64s
    initial: npt.NDArray[np.bool_]
    capital: npt.NDArray[np.bool_]
    spelled: list[str]


def forms_of(corpus: Corpus) -> Forms:
    """The forms of a corpus, every token but END."""
    tokens = corpus.tokens
    initial = np.zeros(len(tokens.values), dtype=np.int64)
    initial[tokens.offsets[:-1]] = 1
    keys = (tokens.values.astype(np.int64) * 2 + initial)[tokens.inner]
    keys, of = np.unique(keys, return_inverse=True)
    words = keys // 2
    spelled = corpus.spell(words.astype(np.int32))
    closed = np.where(words < corpus.vocab.size, words, UNK)
    offsets = tokens.offsets - np.arange(len(tokens.offsets))
    first = keys % 2 == 1
    capital = np.array([word[:1].isupper() for word in spelled], dtype=bool) & ~first
    return Forms(of.astype(np.int64), offsets, closed, first, capital, spelled)


def shape(word: str, initial: bool) -> str:
    """One letter for how a word looks.

    Args:
        word: the word.
        initial: whether it stands first in a row, where a capital says little.

    Returns:
        a: an address, d: begins with a digit, m: has one, p: has no letter, u: all capitals, i or c: begins
        with a capital (first in a row or not), h: has a hyphen, l: lower case.
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
