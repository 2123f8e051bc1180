"""P(tag | form) of a hidden Markov tagger: how often a word had a tag, and the evidence of its spelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from core.counting.checks import check_integers
from core.counting.hmm.suffixes import Suffixes
from core.counting.hmm.word_forms import CorpusCache, WordForms, word_forms
from core.data.corpus import Corpus
from core.data.vocab import FIRST, UNK, Vocab
from core.data.word_cache import BULK, WordCache
from core.types import Arrays, Bools, Float64s, Int64s

INITIAL, LATER = "^", " "  # how the key of a form begins: first in its row, or not
RATIO = 1000  # a form cannot have a tag that is this many times less likely than its best


class Spelling(NamedTuple):
    """How the spelling of a word is used; see the options of ``TaggingCountHead``."""

    suffix: int
    rare: int
    weight: float
    fold: bool


class Tally:
    """How often each row had each tag, stored by the pairs that occurred.

    ``rows``, ``tags`` and ``counts``, int64 (n,), are pairs, which may repeat, and their counts; ``shape`` is the
    numbers of rows and tags.
    """

    def __init__(self, rows: Int64s, tags: Int64s, counts: Int64s, shape: tuple[int, int]) -> None:
        self.size = shape[1]
        keys, pair = np.unique(rows * self.size + tags, return_inverse=True)
        self.counts = np.bincount(pair, counts, len(keys)).astype(np.int64)
        self.rows, self.tags = keys // self.size, keys % self.size
        self.starts = np.searchsorted(self.rows, np.arange(shape[0] + 1))

    def of(self, rows: Int64s) -> Float64s:
        """The counts of some rows, (n, T); zeros for a row below 0."""
        sizes = np.where(rows >= 0, self.starts[rows + 1] - self.starts[rows], 0)
        at = np.arange(sizes.sum()) + np.repeat(self.starts[rows] - np.cumsum(sizes) + sizes, sizes)
        counts = np.zeros((len(rows), self.size))
        counts[np.repeat(np.arange(len(rows)), sizes), self.tags[at]] = self.counts[at]
        return counts


class Emissions:
    """The tags of a form: the relative frequencies of its word, combined with the evidence of its spelling.

    ``forms(corpus)`` are its word forms, each with the word that it is read as; ``probs(corpus)`` is
    P(tag | form), float64 (F, T).

    Args:
        vocab: the token vocabulary.
        labels: the label vocabulary.
        spelling: how the spelling is used.
    """

    def __init__(self, vocab: Vocab, labels: Vocab, spelling: Spelling) -> None:
        self.vocab, self.size, self.spelling = vocab, labels.size - FIRST, spelling
        self.suffixes = Suffixes(self.size, spelling.suffix)
        self.forms, self.probs = CorpusCache(self._read), CorpusCache(self._probs)
        self.rows = WordCache(self._rows)  # of P(tag | form), by the form's key

    @classmethod
    def of(cls, corpus: Corpus, vocab: Vocab, labels: Vocab, spelling: Spelling) -> Emissions:
        """The emissions of a corpus, counted once for all transition models that are tried with them."""
        fitted = _FITTED.setdefault(corpus, {})
        if spelling not in fitted:
            fitted[spelling] = cls(vocab, labels, spelling)
            fitted[spelling].fit(corpus)
        return fitted[spelling]

    def _count(self, words: Int64s, tags: Int64s, counts: Int64s) -> None:
        self.known = Tally(words, tags, counts, (self.vocab.size, self.size))
        self.folded: dict[str, int] = {}  # words that differ only in capitals share a number
        fold = np.array([self.folded.setdefault(w.lower(), len(self.folded)) for w in self.vocab.words])
        self.other = Tally(fold[words], tags, counts, (len(self.folded), self.size))

    def fit(self, corpus: Corpus) -> None:
        """Count words with tags."""
        forms, (tags, known) = self.forms(corpus), self.tags(corpus)
        shape = (len(forms.words), self.size)
        seen = Tally(forms.of_token[known], tags[known], np.ones(known.sum(), np.int64), shape)
        words = forms.words[seen.rows]
        counted = words != UNK  # words below min_count are not counted
        self._count(words[counted], seen.tags[counted], seen.counts[counted])
        self._fit_suffixes(forms, seen)

    def tags(self, corpus: Corpus) -> tuple[Int64s, Bools]:
        """The tag of each token from 0, and whether it is one of training's: (N,), (N,)."""
        tags = corpus.targets.values[corpus.targets.inner].astype(np.int64) - FIRST
        return tags, (tags >= 0) & (tags < self.size)

    def _fit_suffixes(self, forms: WordForms, seen: Tally) -> None:
        had = seen.of(np.arange(len(forms.words)))  # (F, T)
        spelled: dict[str, int] = {}
        word = np.array([spelled.setdefault(text, len(spelled)) for text in forms.spelled], dtype=np.int64)
        frequency = np.bincount(word, had.sum(axis=1))[word] if len(word) else np.zeros(0)
        rare = np.flatnonzero((frequency > 0) & (frequency <= self.spelling.rare))
        self.suffixes.fit(forms, rare, had > 0, np.bincount(seen.tags, seen.counts, self.size).astype(np.int64))

    def _read(self, corpus: Corpus) -> WordForms:
        """The forms of a corpus; the first word of a row is read in lower case if that is more common."""
        forms = word_forms(corpus)
        return replace(forms, words=self._read_as(forms))

    def _read_as(self, forms: WordForms) -> Int64s:
        """The vocabulary id that each form is read as."""
        counts, words = self.vocab.counts, forms.words.copy()
        for form in np.flatnonzero(forms.initial).tolist() if self.spelling.fold else ():
            text = forms.spelled[form]
            if text[:1].isupper() and (len(text) == 1 or not text.isupper()):
                lower = self.vocab.ids.get(text.lower(), UNK)
                if lower != UNK and (words[form] == UNK or counts[lower] > counts[words[form]]):
                    words[form] = lower
        return words

    def _probs(self, corpus: Corpus) -> Float64s:
        """P(tag | form) of each form of a corpus, (F, T); those of few forms are cached: words are repeated."""
        forms = self.forms(corpus)
        if len(forms.words) > BULK:
            return self._probs_of(forms)
        pairs = zip(forms.initial.tolist(), forms.spelled, strict=True)
        return self.rows([f"{INITIAL if initial else LATER}{word}" for initial, word in pairs])

    def _rows(self, keys: Sequence[str]) -> Float64s:
        """P(tag | form) of forms by their keys, (F, T)."""
        spelled = [key[1:] for key in keys]
        initial = np.array([key[0] == INITIAL for key in keys], dtype=bool)
        words = np.array([self.vocab.ids.get(word, UNK) for word in spelled], dtype=np.int64)
        forms = WordForms(np.arange(len(keys)), np.zeros(1, np.int64), words, initial, ~initial, spelled)
        return self._probs_of(replace(forms, words=self._read_as(forms)))

    def _probs_of(self, forms: WordForms) -> Float64s:
        """P(tag | form), (F, T); 0 for a tag that a form cannot have.

        It combines the suffix, the word in any capitals and the word, each weighted by how often it was seen.
        """
        probs = self.suffixes.of(forms)  # (F, T)
        if self.spelling.fold:
            rows = [self.folded.get(word.lower(), -1) for word in forms.spelled]
            other = self.other.of(np.array(rows, dtype=np.int64))
            probs = (other + probs) / (other.sum(axis=1, keepdims=True) + 1)
        own, weight = self.known.of(forms.words), self.spelling.weight
        probs = (own + weight * probs) / (own.sum(axis=1, keepdims=True) + weight)
        return np.where(probs * RATIO >= probs.max(axis=1, keepdims=True), probs, 0.0)

    def arrays(self) -> Arrays:
        """Everything learned."""
        known = {name: getattr(self.known, name) for name in ("rows", "tags", "counts")}
        return known | self.suffixes.arrays()

    def restore(self, arrays: Arrays) -> None:
        """Load what ``arrays`` returned.

        Raises:
            ValueError: an array does not fit the words and tags.
        """
        pairs = arrays["counts"].shape[:1]
        for name, high in (("rows", self.vocab.size), ("tags", self.size), ("counts", 1 << 62)):
            check_integers(f"words.{name}", arrays[name], pairs, 0, high)
        self._count(*(arrays[name] for name in ("rows", "tags", "counts")))
        self.suffixes.restore(arrays)


_FITTED: WeakKeyDictionary[Corpus, dict[Spelling, Emissions]] = WeakKeyDictionary()
