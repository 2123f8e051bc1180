"""Refined tags: what the transitions of a tagger see in place of the tags alone."""

from __future__ import annotations

import numpy as np

from core.counting.hmm.emissions import Emissions, Tally
from core.counting.hmm.viterbi import Lattice
from core.counting.hmm.word_forms import Forms
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, UNK
from core.types import Arrays, Int64s

PLAIN, CAPITAL, WORDS = 0, 1, 2  # groups of forms: lower case, capital, then one a word


class Refined:
    """Tags apart by what is seen of the form: a capital, or the word itself where it is frequent and ambiguous.

    A hidden Markov model whose states know the commonest words is the lexicalised one of Lee, Tsujii and Rim
    (2000) and of Pla and Molina (2004). A state that training lacks is that of the plain form, else the
    commonest of its tag.

    Args:
        counts: int64 (G, T), how often training had each tag in each group.
        lexical: int64 (G - WORDS,), the words that are groups of their own.
        capital: whether a capital is seen.
    """

    def __init__(self, counts: Int64s, lexical: Int64s, capital: bool) -> None:
        self.counts, self.lexical, self.capital = counts, lexical, capital
        groups, self.tags = np.nonzero(counts)  # state -> its tag
        self.size = len(groups)
        self.seen = counts[groups, self.tags]  # (S,)
        self.states = np.full(counts.shape, -1, dtype=np.int64)  # (G, T)
        self.states[groups, self.tags] = np.arange(self.size)
        commonest = self.states[counts.argmax(axis=0), np.arange(counts.shape[1])]  # (T,)
        instead = np.where(counts[PLAIN] > 0, self.states[PLAIN], commonest)
        self.states = np.where(counts > 0, self.states, instead)

    @classmethod
    def of(cls, train: Corpus, emissions: Emissions, words: int, capital: bool) -> Refined:
        """The refined tags of the training split.

        Args:
            train: the training split.
            emissions: fitted on it.
            words: how many words are groups of their own: those with the most tokens of other than their commonest
                tag.
            capital: whether a capital is seen.
        """
        lexical = ambiguous(emissions.known)[:words]
        forms, tags = emissions.forms(train), train.targets.values[train.targets.inner].astype(np.int64) - FIRST
        known = (tags >= 0) & (tags < emissions.size)
        shape = WORDS + len(lexical), emissions.size
        cells = (_groups(forms, lexical, capital)[forms.of] * shape[1] + tags)[known]
        return cls(np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape), lexical, capital)

    def rows(self, corpus: Corpus, emissions: Emissions) -> Ragged:
        """The rows of states that transitions are counted from; UNK where the label is not one of training's."""
        targets, forms = corpus.targets, emissions.forms(corpus)
        tags = targets.values[targets.inner].astype(np.int64) - FIRST
        known = (tags >= 0) & (tags < self.counts.shape[1])
        groups = _groups(forms, self.lexical, self.capital)[forms.of]
        values = np.full(len(targets.values), END, dtype=np.int32)
        values[targets.inner] = np.where(known, self.states[groups, np.where(known, tags, 0)] + FIRST, UNK)
        return Ragged(values, targets.offsets)

    def lattice(self, corpus: Corpus, emissions: Emissions) -> Lattice:
        """The states that each token of a corpus can have, with their emissions.

        P(form | state) is P(tag | form) / P(state), up to a constant a form: a form has one state a tag.
        """
        forms, probs = emissions.forms(corpus), emissions.probs(corpus)
        groups = _groups(forms, self.lexical, self.capital)
        form, tag = np.nonzero(probs)
        states = self.states[groups[form], tag]
        starts = np.searchsorted(form, np.arange(len(probs) + 1))
        return Lattice(forms.of, forms.offsets, starts, states + 1, np.log(probs[form, tag] / self.seen[states]))

    def arrays(self) -> Arrays:
        """Everything that was learned."""
        return {"counts": self.counts, "lexical": self.lexical}

    @classmethod
    def restored(cls, arrays: Arrays, capital: bool) -> Refined:
        """The opposite of ``arrays``."""
        return cls(arrays["counts"], arrays["lexical"], capital)


def ambiguous(known: Tally) -> Int64s:
    """The words that have several tags, those first that the commonest tag gets wrong most often."""
    total = np.bincount(known.rows, known.counts, len(known.starts) - 1)
    most = np.zeros(len(total))
    np.maximum.at(most, known.rows, known.counts)
    order = np.argsort(most - total, kind="stable")
    return order[: np.count_nonzero(total > most)]


def _groups(forms: Forms, lexical: Int64s, capital: bool) -> Int64s:
    """The group of each form, (F,)."""
    groups = np.where(forms.capital & capital, CAPITAL, PLAIN)
    if len(lexical):
        order = np.argsort(lexical)
        place = np.minimum(np.searchsorted(lexical, forms.words, sorter=order), len(lexical) - 1)
        found = lexical[order[place]] == forms.words
        groups[found] = WORDS + order[place[found]]
    return groups
