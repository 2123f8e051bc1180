"""Embeddings whose vectors stand in a table beside the network: read from a file, or trained before."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor, nn

from core.data.corpus import Corpus
from core.data.vocab import END, UNK, Vocab
from core.errors import StoreError
from core.model.context import Context
from core.neural.base import Embedding
from core.neural.ops.sparse_gradients import look_up
from plugins.embeddings import vector_store, vector_writer
from plugins.embeddings.vector_store import Fallback, Floats, Table


class TableEmbedding(Embedding):
    """The vectors of a table, frozen or trained on.

    All words that the table lacks share one trained vector, which starts as the mean of the vectors of the
    training words that it has.

    Args:
        vocab: the closed vocabulary.
        size: numbers a vector.
        tune: whether the vectors of the training words are trained on; else they stay as they are.
        fallback: what to try for a word that the table lacks.
        normalize: whether each vector is brought to length 1.
    """

    formats: ClassVar[tuple[str, ...]] = ("word2vec",)
    vectors: Tensor
    lacks: Tensor
    digest: Tensor
    open_vectors: Tensor
    open_lacks: Tensor

    def __init__(self, vocab: Vocab, size: int, *, tune: bool, fallback: Fallback, normalize: bool) -> None:
        super().__init__(vocab)
        self.fallback, self.normalize = fallback, normalize
        self.output_size = size
        shape = vocab.size, size
        if tune:
            self.vectors = nn.Parameter(torch.zeros(shape))
        else:
            self.register_buffer("vectors", torch.zeros(shape))
        self.specials = nn.Parameter(torch.zeros(2, size))  # of END, and of every word that is lacking
        self.register_buffer("lacks", torch.ones(vocab.size, dtype=torch.bool))
        self.register_buffer("digest", torch.zeros(vector_store.DIGEST, dtype=torch.uint8))  # zeros before fit
        self.register_buffer("open_vectors", torch.zeros(0, size), persistent=False)
        self.register_buffer("open_lacks", torch.zeros(0, dtype=torch.bool), persistent=False)
        self.table: Table | None = None
        self.rows: dict[str, int] = {}  # of the open words met so far
        self.coverage: dict[str, float] = {}
        self.register_load_state_dict_post_hook(_reopen)  # type: ignore[no-untyped-call] # torch's own

    def find_again(self, digest: bytes) -> Table:
        """The table that a saved run's vectors came from.

        Args:
            digest: its content hash.

        Raises:
            StoreError: it is not there any more.
        """
        raise NotImplementedError

    def take(self, table: Table, corpus: Corpus) -> None:
        """Take the vectors of the vocabulary from a table."""
        self.table, self.rows = table, {}
        self.digest.copy_(torch.frombuffer(bytearray(table.digest), dtype=torch.uint8))
        rows = table.find(self.vocab.words, self.fallback)
        rows[UNK] = -1
        with torch.no_grad():
            self.vectors.copy_(self._take(rows))
            self.lacks.copy_(torch.from_numpy(rows < 0))
            if not self.lacks.all():
                self.specials.copy_(self.vectors[~self.lacks].mean(0).expand(2, -1))
        self.spell(corpus.words)

    def spell(self, words: Sequence[str]) -> None:
        """Look up the open words."""
        if self.table is None or not len(words):
            rows = np.full(len(words), -1, dtype=np.int64)
        else:
            if new := [word for word in words if word not in self.rows]:
                self.rows.update(zip(new, self.table.find(new, self.fallback).tolist(), strict=True))
            rows = np.array([self.rows[word] for word in words], dtype=np.int64)
        self.open_vectors = self._take(rows).to(self.specials.device)  # (O, D)
        self.open_lacks = torch.from_numpy(rows < 0).to(self.specials.device)

    def has(self, ids: Tensor) -> Tensor:
        """Which words the table has: open ids int64 (B, T) -> bool (B, T)."""
        return ~torch.cat([self.lacks, self.open_lacks])[ids]

    def whole(self) -> tuple[Sequence[str], Floats] | None:
        """The words of the table and their vectors, tuned where training did; see ``Embedding.whole``."""
        if self.table is None:
            return None
        first, rows = self.table.first, self.table.find(self.vocab.words, "none")
        rows[UNK] = -1
        own, vectors = rows >= 0, self._take(first).numpy()  # (V,), (N, D)
        vectors[np.searchsorted(first, rows[own])] = self.vectors.detach().cpu().numpy()[own]
        return self.table.words.take(pa.array(first)).to_pylist(), vectors

    def write_as(self, format: str, path: Path, words: Sequence[str], vectors: Floats) -> None:
        """Write a file of word2vec: binary where its name ends in ``.bin``, gzipped where it ends in ``.gz``."""
        vector_writer.write(path, words, vectors)

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, D)."""
        size = self.vocab.size
        beyond = ids >= size
        vectors = look_up(ids.masked_fill(beyond, UNK), self.vectors)  # (B, T, D)
        if len(self.open_vectors):
            others = nn.functional.embedding((ids - size).clamp(min=0), self.open_vectors)
            vectors = torch.where(beyond[..., None], others, vectors)
        lacks = torch.cat([self.lacks, self.open_lacks])[ids]  # (B, T)
        specials = nn.functional.embedding((ids != END).long(), self.specials)
        return torch.where(lacks[..., None], specials, vectors)  # (B, T, D)

    def reopen(self) -> None:
        """After loading weights: find the table that they came from; without it only their own words are known."""
        digest = bytes(self.digest.tolist())
        if not any(digest) or (self.table is not None and self.table.digest == digest):
            return
        self.table, self.rows = None, {}
        try:
            self.table = self.find_again(digest)
        except StoreError as error:
            known = "until then it knows the words of its own vocabulary alone"
            print(f"note: {error}; {known}", file=sys.stderr)

    def _take(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """The vectors of rows of the table, zeros for row -1: (n, D)."""
        taken = np.zeros((len(rows), self.output_size), dtype=np.float32)
        if self.table is not None:
            taken[rows >= 0] = self.table.vectors[rows[rows >= 0]]
        if self.normalize:
            taken /= np.maximum(np.linalg.norm(taken, axis=1, keepdims=True), 1e-12)
        return torch.from_numpy(taken)

    def report(self, name: str, corpus: Corpus, context: Context) -> None:
        """Tell the share of the training words that the table has."""
        has = ~torch.cat([self.lacks, self.open_lacks]).cpu().numpy()
        ids = corpus.tokens.values[corpus.tokens.inner]
        types = np.unique(ids)
        if not len(ids):
            return
        self.coverage = {"types": float(has[types].mean()), "tokens": float(has[ids].mean())}
        shares = f"{self.coverage['types']:.1%} of the training words, {self.coverage['tokens']:.1%} of its tokens"
        context.notify("note", text=f"{name} ({self.output_size} numbers a word) has {shares}")


def _reopen(module: TableEmbedding, keys: Any) -> None:
    module.reopen()
