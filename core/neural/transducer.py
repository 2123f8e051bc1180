"""A neural encoder whose head writes a text for each row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from core.data.batching import RowBatches
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, SPECIALS
from core.model.interface import Attention, Attentive
from core.neural.heads.transduction import TransductionHead
from core.neural.model import ROWS, NeuralModel
from core.types import Arrays, Float32s


class NeuralTransducer(NeuralModel, Attentive):
    """An encoder and a decoder; see ``core.neural.heads.transduction``."""

    @property
    def size(self) -> int:
        """The number of answers: the words of the second texts, END and UNK included."""
        return self.vocab.size if self.labels is None else self.labels.size

    def asked(self, probabilities: bool, in_training: bool) -> dict[str, Any]:
        """See ``NeuralModel.asked``: during training the search is greedy, so that it takes less time."""
        return {"beam": 1} if in_training else {}

    def attention(self, corpus: Corpus) -> list[Attention] | None:
        """See ``Attentive.attention``."""
        predictions = self.predict(corpus)
        outputs, head = self.kind.answers(predictions, corpus), self.network.head
        if not isinstance(head, TransductionHead) or head.decoder.attention is None:
            return None
        weights = self._weights(corpus, _closed(predictions, [len(words) for words in outputs]))
        found = []
        for row, (words, part) in enumerate(zip(outputs, weights, strict=True)):
            source = corpus.spell(corpus.tokens[row][:-1])
            found.append(Attention(source, [*words, SPECIALS[END]], part[: len(words) + 1, : len(source)]))
        return found

    def _weights(self, corpus: Corpus, texts: Ragged) -> list[Float32s]:
        """The attention of each word of a text per row, padded: float32 (U, T) each."""
        own = self.kind.examples(corpus)
        examples = replace(own, answers=texts.values.astype(np.int64), offsets=texts.offsets)
        batches = RowBatches(examples, ROWS, cells=self.max_tokens)
        found = [np.zeros((0, 0), np.float32)] * len(corpus)
        prepared, head = self.network.embedding.prepare(corpus.words), cast(TransductionHead, self.network.head)
        for rows in batches.ordered():
            batch = batches.collate(rows)
            with self.inference():
                ids, lengths, targets = self.put((batch.ids, batch.lengths, batch.targets))
                states, _ = self.network(ids, lengths, None, prepared)
                weights = head.attention(states, lengths, targets)
            assert weights is not None
            for row, part in zip(rows.tolist(), weights.cpu().numpy(), strict=True):
                found[row] = part
        return found


def _closed(predictions: Arrays, lengths: list[int]) -> Ragged:
    """The outputs as rows that end in END."""
    rows = [[*ids[:length], END] for ids, length in zip(predictions["output"].tolist(), lengths, strict=True)]
    offsets = np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.int64) + 1)]).astype(np.int64)
    return Ragged(np.array([i for row in rows for i in row], dtype=np.int32), offsets)
