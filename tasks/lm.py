"""Language modelling: predict each next token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.evaluation import metrics
from core.task import Task
from core.types import Arrays


class LanguageModelling(Task):
    """Predict each next token and the end of each row; scored by perplexity.

    Args:
        mode: ``stream`` reads the rows as one running text, ``sentence`` reads each row alone (the history of
            a counting model never leaves its row).
        warmup: in ``stream`` mode, the tokens that a stream reads before its first scored token, if it starts
            inside the text.
        end: whether the end of a row is scored too.
    """

    kind = "next"
    primary = "perplexity"
    minimize = True
    minimized = ("perplexity_known", "bits_per_character", "zero_events")
    probabilistic = ("perplexity", "perplexity_known", "bits_per_character")
    defaults: ClassVar[dict[str, Any]] = {"embedding.word_dropout": "0"}  # every input word is a trained word

    def __init__(
        self,
        *,
        mode: Literal["stream", "sentence"] = "stream",
        warmup: Annotated[int, Ge(0)] = 256,
        end: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.mode, self.warmup, self.end = mode, warmup, end

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Perplexity over the scored events, and bits per character if every word is one character.

        With unknown words, also ``perplexity_known`` over all other events, and the number of unknown events (a
        literal ``<unk>`` in the text is a word of the vocabulary). An event of probability 0 makes the perplexity
        infinite; ``zero_events`` is the number of such events.
        """
        log_prob, unknown = predictions["log_prob"], corpus.tokens.values >= corpus.vocab.size
        if not self.end:
            log_prob, unknown = log_prob[corpus.tokens.inner], unknown[corpus.tokens.inner]
        values = {"perplexity": metrics.perplexity(log_prob)}
        if unknown.any():
            values["perplexity_known"] = metrics.perplexity(log_prob[~unknown])
        if _are_characters(corpus):
            values["bits_per_character"] = metrics.bits(log_prob)
        if unknown.any():
            values["unknown_events"] = int(np.count_nonzero(unknown))
        if zero := int(np.count_nonzero(np.isneginf(log_prob))):
            values["zero_events"] = zero
        return values


def _are_characters(corpus: Corpus) -> bool:
    longest = max((len(word) for word in corpus.vocab.words[FIRST:]), default=0)
    return longest == 1 and bool(np.any(corpus.tokens.inner))
