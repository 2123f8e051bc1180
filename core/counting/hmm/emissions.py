"""P(tag | form) of a hidden Markov tagger: how often a word had a tag, and what its spelling says."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from core.counting.hmm.suffixes import Endings
from core.counting.hmm.word_forms import Forms, Once, forms_of
from core.data.corpus import Corpus
from core.data.vocab import FIRST, UNK, Vocab
from core.types import Arrays, Float64s, Int64s

RATIO = 1000  # a form cannot have a tag that is so many times less likely than its best


class Spelling(NamedTuple):
    """How much the spelling of a word says.

    Args:
        suffix: the longest ending that is looked at, in letters.
        rare: endings are learned from training words that occur at most so often.
        weight: how many occurrences of a word the evidence of its spelling is worth.
        fold: whether the word in other capitals is evidence, and first words are read in lower case.
    """

    suffix: int
    rare: int
    weight: float
    fold: bool


class Tally:
    """How often each row had each tag, stored by the pairs that occurred.

    Args:
        rows: int64 (n,), a row each; pairs may repeat.
        tags: int64 (n,), with which tag.
        counts: int64 (n,), how often.
        shape: the numbers of rows and tags.
    """

    def __init__(self, rows: Int64s, tags: Int64s, counts: Int64s, shape: tuple[int, int]) -> None:
        self.size = shape[1]
        keys, pair = np.unique(rows * self.size + tags, return_inverse=True)
        self.counts = np.bincount(pair, counts, len(keys)).astype(np.int64)
        self.rows, self.tags = keys // self.size, keys % self.size
        self.starts = np.searchsorted(self.rows, np.arange(shape[0] + 1))

    def of(self, rows: Int64s) -> Float64s:
        """The counts of some rows, (n, T); none for a row below 0."""
        sizes = np.where(rows >= 0, self.starts[rows + 1] - self.starts[rows], 0)
        at = np.arange(sizes.sum()) + np.repeat(self.starts[rows] - np.cumsum(sizes) + sizes, sizes)
        counts = np.zeros((len(rows), self.size))
        counts[np.repeat(np.arange(len(rows)), sizes), self.tags[at]] = self.counts[at]
        return counts


class Emissions:
    """The tags of a form: the relative frequencies of its word, mixed with what the spelling says.

    Args:
        vocab: the token vocabulary.
        labels: the label vocabulary.
        spelling: how much the spelling says.

    Attributes:
        forms: corpus -> its forms, each with the word that it is read as.
        probs: corpus -> P(tag | form), float64 (F, T).
    """

    def __init__(self, vocab: Vocab, labels: Vocab, spelling: Spelling) -> None:
        self.vocab, self.size, self.spelling = vocab, labels.size - FIRST, spelling
        self.endings = Endings(self.size, spelling.suffix)
        self.forms, self.probs = Once(self._read), Once(self._mixed)

    @classmethod
    def of(cls, corpus: Corpus, vocab: Vocab, labels: Vocab, spelling: Spelling) -> Emissions:
        """The emissions of a corpus, counted once however many transition models are tried with them."""
        made = _FITTED.setdefault(corpus, {})
        if spelling not in made:
            made[spelling] = cls(vocab, labels, spelling)
            made[spelling].fit(corpus)
        return made[spelling]

    def _set(self, words: Int64s, tags: Int64s, counts: Int64s) -> None:
        self.known = Tally(words, tags, counts, (self.vocab.size, self.size))
        self.folded: dict[str, int] = {}  # words that differ in capitals alone share a number
        fold = np.array([self.folded.setdefault(w.lower(), len(self.folded)) for w in self.vocab.words])
        self.other = Tally(fold[words], tags, counts, (len(self.folded), self.size))

    def fit(self, corpus: Corpus) -> None:
        """Count words with tags."""
        forms = self.forms(corpus)
        tags = corpus.targets.values[corpus.targets.inner].astype(np.int64) - FIRST
        kept = (tags >= 0) & (tags < self.size)
        seen = Tally(forms.of[kept], tags[kept], np.ones(kept.sum(), np.int64), (len(forms.words), self.size))
        words = forms.words[seen.rows]
        spelled = words == UNK  # below min_count: not counted
        self._set(words[~spelled], seen.tags[~spelled], seen.counts[~spelled])
        self._fit_endings(forms, seen)

    def _fit_endings(self, forms: Forms, seen: Tally) -> None:
        had = seen.of(np.arange(len(forms.words)))  # (F, T)
        spelled: dict[str, int] = {}
        word = np.array([spelled.setdefault(text, len(spelled)) for text in forms.spelled], dtype=np.int64)
        frequency = np.bincount(word, had.sum(axis=1))[word] if len(word) else np.zeros(0)
        rare = np.flatnonzero((frequency > 0) & (frequency <= self.spelling.rare))
        self.endings.fit(forms, rare, had > 0, np.bincount(seen.tags, seen.counts, self.size).astype(np.int64))

    def _read(self, corpus: Corpus) -> Forms:
        """The forms of a corpus; the first word of a row is read in lower case where that is commoner."""
        forms, counts = forms_of(corpus), self.vocab.counts
        words = forms.words.copy()
        for form in np.flatnonzero(forms.initial).tolist() if self.spelling.fold else ():
            text = forms.spelled[form]
            if text[:1].isupper() and (len(text) == 1 or not text.isupper()):
                lower = self.vocab.ids.get(text.lower(), UNK)
                if lower != UNK and (words[form] == UNK or counts[lower] > counts[words[form]]):
                    words[form] = lower
        return replace(forms, words=words)

    def _mixed(self, corpus: Corpus) -> Float64s:
        """P(tag | form) of each form of a corpus, (F, T); 0 for a tag that it cannot have.

        What its ending says, then the word in any capitals, then the word; each weighs as much as it was seen.
        """
        forms = self.forms(corpus)
        probs = self.endings.of(forms)  # (F, T)
        if self.spelling.fold:
            rows = [self.folded.get(word.lower(), -1) for word in forms.spelled]
            other = self.other.of(np.array(rows, dtype=np.int64))
            probs = (other + probs) / (other.sum(axis=1, keepdims=True) + 1)
        own, weight = self.known.of(forms.words), self.spelling.weight
        probs = (own + weight * probs) / (own.sum(axis=1, keepdims=True) + weight)
        return np.where(probs * RATIO >= probs.max(axis=1, keepdims=True), probs, 0.0)

    def arrays(self) -> Arrays:
        """Everything that was learned."""
        known = {name: getattr(self.known, name) for name in ("rows", "tags", "counts")}
        return known | self.endings.arrays()

    def restore(self, arrays: Arrays) -> None:
        """The opposite of ``arrays``."""
        self._set(*(arrays[name] for name in ("rows", "tags", "counts")))
        self.endings.restore(arrays)


_FITTED: WeakKeyDictionary[Corpus, dict[Spelling, Emissions]] = WeakKeyDictionary()
