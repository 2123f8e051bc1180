"""The counting head of kind ``token``: a hidden Markov model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt

from core.config.space import Search
from core.counting.base import CountHead, CountModel
from core.counting.checks import check_integers
from core.counting.hmm.emissions import Emissions, Spelling
from core.counting.hmm.posterior import tag_posteriors
from core.counting.hmm.states import WORDS as GROUPS
from core.counting.hmm.states import TagStates
from core.counting.hmm.transitions import Transitions
from core.counting.hmm.viterbi import best_tags, compile_kernels
from core.counting.inner_notes import InnerNotes
from core.data.corpus import Corpus
from core.data.scheme_labels import first_tokens
from core.data.schemes import FORBIDDEN, allowed, repaired
from core.data.vocab import FIRST, Vocab
from core.errors import DataError
from core.model.context import Context
from core.types import Arrays, Float64s

WORDS = (50, 0, 100)  # tried on dev, the usual number first


class TaggingCountHead(CountHead):
    """The most probable tags of a row (Brants, 2000): a count model over tags times P(word | tag).

    Args:
        make_model: creates the count model.
        vocab: the token vocabulary.
        labels: the label vocabulary.
        words: how many of the most ambiguous frequent words are part of the state; auto: 50,
            unless dev separates 0 or 100 from it.
        capital: whether a capital (except of a row's first word) is part of the state; auto: chosen on dev.
        suffix: the length of the longest suffix of a word that is used, in letters.
        rare: suffixes are learned from training words that occur at most this often.
        spelling: the weight of the evidence of a word's suffix and capitals, in occurrences of the word.
        fold: whether a word in other capitals is evidence, and a row's first word is read in lower case.
        constrained: where labels mark spans, predict only sequences that their scheme allows.
    """

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        words: Annotated[Annotated[int, Ge(0)] | Literal["auto"], Search(0, 200)] = "auto",
        capital: Annotated[bool | Literal["auto"], Search(choices=(False, True))] = "auto",
        suffix: Annotated[int, Ge(0), Search(3, 10)] = 10,
        rare: Annotated[int, Ge(1), Search(3, 30, log=True)] = 10,
        spelling: Annotated[float, Gt(0), Search(0.05, 1, log=True)] = 0.2,
        fold: bool = True,
        constrained: bool = True,
    ) -> None:
        super().__init__(make_model, vocab, labels)
        if labels is None or labels.size <= FIRST:
            raise DataError("no training token has a label", where="data", remedy="check the column of labels")
        self.tags, self.spelling = labels, Spelling(suffix, rare, spelling, fold)
        self.words = WORDS[0] if words == "auto" else words
        self.capital = True if capital == "auto" else capital
        self.emissions = Emissions(vocab, labels, self.spelling)
        self.states = TagStates(np.zeros((2, labels.size - FIRST), np.int64), np.zeros(0, np.int64), self.capital)
        self.model = make_model(labels.size)
        self.rules = allowed(labels) if constrained else None
        self.transitions: Transitions  # of the fitted model

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """50, 0 or 100 words, with and without the capital; the usual states first."""
        words, capital = (options.get(name, "auto") for name in ("words", "capital"))
        pairs = product(WORDS if words == "auto" else (words,), (True, False) if capital == "auto" else (capital,))
        return [{**options, "words": n, "capital": c} for n, c in pairs]

    @classmethod
    def compile(cls) -> None:
        """Compile Viterbi."""
        compile_kernels()

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        self.emissions = Emissions.of(train, self.vocab, self.tags, self.spelling)
        self.states = TagStates.of(train, self.emissions, self.words, self.capital)
        self.model = self.make_model(self.states.size + FIRST)
        rows, dev_rows = (self.states.rows(corpus, self.emissions) for corpus in (train, dev))
        notes = InnerNotes(context)
        self.model.fit(rows, dev_rows, notes.of_model())
        notes.report()
        self.transitions = Transitions(self.model, self._weights())

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``; the probabilities of a token sum over all tag sequences of its row."""
        lattice = self.states.lattice(corpus, self.emissions)
        codes = best_tags(lattice, self.transitions)
        labels = (self.states.tags[codes - 1] + FIRST).astype(np.int32)
        if self.rules:  # words may have no tags that are allowed in a row
            labels = repaired(labels, first_tokens(corpus.tokens), self.tags)
        answers: Arrays = {"label": labels}
        if probabilities:
            tokens, states, log_probs = tag_posteriors(lattice, self.transitions)
            answers["log_probs"] = np.full((len(codes), self.tags.size - FIRST), -np.inf)  # (N, T)
            answers["log_probs"][tokens, self.states.tags[states - 1]] = log_probs
        return answers

    def _weights(self) -> Float64s | None:
        """The weights of what the scheme of the labels does not allow, for ``Transitions``; None without rules."""
        if self.rules is None:
            return None
        tags, weights = self.states.tags, np.zeros((self.states.size + 1, self.states.size + 1))
        weights[0, 1:][~self.rules.first[tags]] = FORBIDDEN
        weights[1:, 0][~self.rules.last[tags]] = FORBIDDEN
        weights[1:, 1:][~self.rules.next[tags[:, None], tags]] = FORBIDDEN
        return weights

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        parts = {"tags": self.model.arrays(), "words": self.emissions.arrays(), "states": self.states.arrays()}
        return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        parts: dict[str, Arrays] = {"tags": {}, "words": {}, "states": {}}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = array
        lexical, tags = parts["states"]["lexical"], self.tags.size - FIRST
        check_integers("states.lexical", lexical, (None,), 0, self.vocab.size)
        check_integers("states.counts", parts["states"]["counts"], (GROUPS + len(lexical), tags), 0, 1 << 62)
        self.states = TagStates(parts["states"]["counts"], parts["states"]["lexical"], self.capital)
        self.model = self.make_model(self.states.size + FIRST)
        self.model.restore(parts["tags"])
        self.transitions = Transitions(self.model, self._weights())
        self.emissions.restore(parts["words"])

    def facts(self) -> dict[str, Any]:
        """The facts of the model over states, and the numbers of states and suffixes."""
        return {**self.model.facts(), "states": self.states.size, "suffixes": len(self.emissions.suffixes.index)}
