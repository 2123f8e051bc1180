"""The noisy channel as a model of kind ``transduce``: it knows where its words come from."""

from __future__ import annotations

import numpy as np

from core.counting.decoding.output import outputs, word_links
from core.counting.heads.translation import TranslationCountHead, forget_channel
from core.counting.model import CountingModel
from core.data.corpus import Corpus
from core.data.vocab import END, SPECIALS
from core.model.context import Context
from core.model.interface import Attention, Attentive


class CountingTranslator(CountingModel, Attentive):
    """A channel of phrases and a count model; see ``core.counting.heads.translation``."""

    head: TranslationCountHead

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountingModel.fit``; candidates share what no option of the count model changes."""
        forget_channel(train)
        try:
            super().fit(train, dev, context)
        finally:
            forget_channel(train)

    def attention(self, corpus: Corpus) -> list[Attention]:
        """See ``Attentive.attention``: the links of a word to source words, which share its weight equally."""
        found = self.head.translate(corpus, self.head.weights)
        texts = self.kind.answers(outputs(found, self.head.table), corpus)
        links = word_links(found, self.head.table)
        links = links[np.argsort(links[:, 0], kind="stable")]
        bounds = np.searchsorted(links[:, 0], np.arange(len(corpus) + 1))
        result = []
        for row, words in enumerate(texts):
            source = corpus.spell(corpus.tokens[row][:-1])
            weights = np.zeros((len(words) + 1, len(source)), dtype=np.float32)  # the end is linked to nothing
            own = links[bounds[row] : bounds[row + 1]]
            weights[own[:, 1], own[:, 2]] = 1
            weights /= np.maximum(1, weights.sum(axis=1, keepdims=True))
            result.append(Attention(source, [*words, SPECIALS[END]], weights))
        return result
