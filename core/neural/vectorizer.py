"""The vectors of words that the encoder of a trained network reads."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
from torch import Tensor

from core.data.vocab import FIRST, UNK, Vocab
from core.model.interface import Vectorizer
from core.neural.network import Network
from core.types import Array, Bools, Float32s

IDS = 8192  # ids looked up at a time


class NetworkVectorizer(Vectorizer):
    """A model whose words have the vectors of its network's embedding."""

    network: Network
    vocab: Vocab

    @abstractmethod
    def inference(self) -> AbstractContextManager[None]:
        """Run prediction."""

    @abstractmethod
    def put(self, array: Array) -> Tensor:
        """An array as a tensor on the model's device."""

    def word_vectors(self) -> tuple[list[str], Float32s]:
        """See ``Vectorizer.word_vectors``."""
        parts = list(self.network.embedding.embeddings)
        tables = [table for part in parts if (table := part.whole()) is not None]
        if tables and len(parts) == 1:
            return list(tables[0][0]), tables[0][1]
        if tables:  # joined: the words of all tables, each with the vectors of all parts
            words = list(dict.fromkeys(word for names, _ in tables for word in names))
            vectors, has = self.look_up(words)
            return [words[i] for i in np.flatnonzero(has).tolist()], vectors[has]
        vectors, has = self.vectors_of_ids(np.arange(FIRST, self.vocab.size))
        return [self.vocab.words[i + FIRST] for i in np.flatnonzero(has).tolist()], vectors[has]

    def look_up(self, words: Sequence[str]) -> tuple[Float32s, Bools]:
        """See ``Vectorizer.look_up``."""
        new = [word for word in dict.fromkeys(words) if word not in self.vocab.ids]
        ids = self.vocab.ids | {word: self.vocab.size + i for i, word in enumerate(new)}
        rows = np.array([ids[word] for word in words], dtype=np.int64)
        vectors, has = self.vectors_of_ids(rows, new)
        return vectors, has & (rows != UNK)

    def vectors_of_ids(self, ids: Array, words: Sequence[str] = ()) -> tuple[Float32s, Bools]:
        """The vectors that the encoder reads.

        Args:
            ids: open ids, int (n,).
            words: the open words that the ids name.

        Returns:
            float32 (n, D), and which words have a vector of their own, bool (n,).
        """
        embedding = self.network.embedding
        prepared = embedding.prepare(words)
        vectors = np.zeros((len(ids), embedding.output_size), dtype=np.float32)
        has = np.zeros(len(ids), dtype=bool)
        for at in range(0, len(ids), IDS):
            with self.inference():
                chunk = self.put(ids[at : at + IDS].astype(np.int64))[None]  # (1, n)
                vectors[at : at + IDS] = embedding(chunk, prepared)[0].float().cpu().numpy()
                has[at : at + IDS] = embedding.has(chunk, prepared)[0].cpu().numpy()
        return vectors, has
