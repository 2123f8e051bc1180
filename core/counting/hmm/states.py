"""The states of a tagger: tags refined by what is seen of the form."""

from __future__ import annotations

import numpy as np

from core.counting.hmm.emissions import Emissions, Tally
from core.counting.hmm.transitions import Lattice
from core.counting.hmm.word_forms import WordForms
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, UNK
from core.types import Arrays, Int64s

PLAIN, CAPITAL, WORDS = 0, 1, 2  # groups of forms: lower case, capital, then one per word


class TagStates:
    """Tags split by what is seen of the form: a capital, or the word itself if it is frequent and ambiguous.

    A hidden Markov model whose states know the most common words is the lexicalised one of Lee, Tsujii and Rim
    (2000) and of Pla and Molina (2004). A state that training does not have is replaced by that of the plain
    form, or else by the most common state of its tag.

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
        most_common = self.states[counts.argmax(axis=0), np.arange(counts.shape[1])]  # (T,)
        substitute = np.where(counts[PLAIN] > 0, self.states[PLAIN], most_common)
        self.states = np.where(counts > 0, self.states, substitute)

    @classmethod
    def of(cls, train: Corpus, emissions: Emissions, words: int, capital: bool) -> TagStates:
        """The states of the training split, with fitted emissions and ``words`` of the most ambiguous words."""
        lexical = ambiguous(emissions.known)[:words]
        forms, (tags, known) = emissions.forms(train), emissions.tags(train)
        shape = WORDS + len(lexical), emissions.size
        pairs = (_groups(forms, lexical, capital)[forms.of_token] * shape[1] + tags)[known]
        return cls(np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape), lexical, capital)

    def rows(self, corpus: Corpus, emissions: Emissions) -> Ragged:
        """The rows of states that transitions are counted from; UNK if the label is not one of training's."""
        targets, forms, (tags, known) = corpus.targets, emissions.forms(corpus), emissions.tags(corpus)
        groups = _groups(forms, self.lexical, self.capital)[forms.of_token]
        values = np.full(len(targets.values), END, dtype=np.int32)
        values[targets.inner] = np.where(known, self.states[groups, np.where(known, tags, 0)] + FIRST, UNK)
        return Ragged(values, targets.offsets)

    def lattice(self, corpus: Corpus, emissions: Emissions) -> Lattice:
        """The states that each token of a corpus can have, with their emissions.

        P(form | state) is P(tag | form) / P(state), up to a constant per form: a form has one state per tag.
        """
        forms, probs = emissions.forms(corpus), emissions.probs(corpus)
        groups = _groups(forms, self.lexical, self.capital)
        form, tag = np.nonzero(probs)
        states = self.states[groups[form], tag]
        starts = np.searchsorted(form, np.arange(len(probs) + 1))
        log_probs = np.log(probs[form, tag] / self.seen[states])
        return Lattice(forms.of_token, forms.offsets, starts, states + 1, log_probs)

    def arrays(self) -> Arrays:
        """Everything learned."""
        return {"counts": self.counts, "lexical": self.lexical}


def ambiguous(known: Tally) -> Int64s:
    """The words with several tags, those first for which the most common tag is wrong most often."""
    total = np.bincount(known.rows, known.counts, len(known.starts) - 1)
    most = np.zeros(len(total))
    np.maximum.at(most, known.rows, known.counts)
    order = np.argsort(most - total, kind="stable")
    return order[: np.count_nonzero(total > most)]


def _groups(forms: WordForms, lexical: Int64s, capital: bool) -> Int64s:
    """The group of each form, (F,)."""
    groups = np.where(forms.capital & capital, CAPITAL, PLAIN)
    if len(lexical):
        order = np.argsort(lexical)
        rank = np.minimum(np.searchsorted(lexical, forms.words, sorter=order), len(lexical) - 1)
        is_lexical = lexical[order[rank]] == forms.words
        groups[is_lexical] = WORDS + order[rank[is_lexical]]
    return groups
