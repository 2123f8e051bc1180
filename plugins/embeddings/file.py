"""Outside vectors: read from a file, frozen or trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import torch
from annotated_types import Gt
from torch import Tensor, nn

from core.context import Context
from core.data.corpus import Corpus
from core.data.vocab import END, UNK, Vocab
from core.errors import StoreError
from core.neural.contract import Embedding
from plugins.embeddings import vector_file, vector_store
from plugins.embeddings.vector_store import Fallback, Table


class File(Embedding):
    """The vectors of a file: word2vec's text or binary form, or GloVe's text; each may be gzipped.

    All words that the file lacks share one trained vector, which starts as the mean of the vectors of the
    training words that it has. The whole table is kept by content hash in the cache folder, so that a saved
    run finds words that training never had; those are never trained, with ``tune=true`` neither.

    Args:
        vocab: the closed vocabulary.
        path: the file.
        tune: whether the vectors of the training words are trained on; else they stay as they are.
        fallback: what to try for a word that the file lacks: none; lower (case); cases: lower case,
            Capitalised and CAPITALS.
        normalize: whether each vector is brought to length 1.
        limit: read the first so many words only (files have the frequent ones first); none for all.
    """

    vectors: Tensor
    lacks: Tensor
    digest: Tensor
    open_vectors: Tensor
    open_lacks: Tensor

    def __init__(
        self,
        vocab: Vocab,
        *,
        path: str,
        tune: bool = False,
        fallback: Fallback = "cases",
        normalize: bool = False,
        limit: Annotated[int, Gt(0)] | None = None,
    ) -> None:
        super().__init__(vocab)
        self.path, self.limit = Path(path).expanduser(), limit
        self.fallback, self.normalize = fallback, normalize
        self.output_size = self._size()
        shape = vocab.size, self.output_size
        if tune:
            self.vectors = nn.Parameter(torch.zeros(shape))
        else:
            self.register_buffer("vectors", torch.zeros(shape))
        self.specials = nn.Parameter(torch.zeros(2, self.output_size))  # of END, and of every word that is lacking
        self.register_buffer("lacks", torch.ones(vocab.size, dtype=torch.bool))
        self.register_buffer("digest", torch.zeros(vector_store.DIGEST, dtype=torch.uint8))  # zeros before fit
        self.register_buffer("open_vectors", torch.zeros(0, self.output_size), persistent=False)
        self.register_buffer("open_lacks", torch.zeros(0, dtype=torch.bool), persistent=False)
        self.table: Table | None = None
        self.rows: dict[str, int] = {}  # of the open words met so far
        self.coverage: dict[str, float] = {}
        self.register_load_state_dict_post_hook(_reopen)  # type: ignore[no-untyped-call] # torch's own

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the file of vectors; see ``Embedding.fingerprint``."""
        path = Path(options["path"]).expanduser()
        return vector_store.digest_of(path, options["limit"]).hex() if path.is_file() else None

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Read the file, or what is kept of it, take the vectors of the vocabulary, and say what is covered."""
        if not self.path.is_file():
            raise self._missing("there is no such file to train with")
        with vector_file.reading(self.path):
            digest = vector_store.digest_of(self.path, self.limit)
        self.table = vector_store.kept(digest) or self._read(digest)
        self._keep(self.table, context)
        self.digest.copy_(torch.frombuffer(bytearray(digest), dtype=torch.uint8))
        rows = self.table.find(self.vocab.words, self.fallback)
        rows[UNK] = -1
        with torch.no_grad():
            self.vectors.copy_(self._take(rows))
            self.lacks.copy_(torch.from_numpy(rows < 0))
            if not self.lacks.all():
                self.specials.copy_(self.vectors[~self.lacks].mean(0).expand(2, -1))
        self.spell(corpus.words)
        self._report(corpus, context)

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

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, D)."""
        size = self.vocab.size
        beyond = ids >= size
        vectors = nn.functional.embedding(ids.masked_fill(beyond, UNK), self.vectors)  # (B, T, D)
        if len(self.open_vectors):
            others = nn.functional.embedding((ids - size).clamp(min=0), self.open_vectors)
            vectors = torch.where(beyond[..., None], others, vectors)
        lacks = torch.cat([self.lacks, self.open_lacks])[ids]  # (B, T)
        specials = nn.functional.embedding((ids != END).long(), self.specials)
        return torch.where(lacks[..., None], specials, vectors)  # (B, T, D)

    def _size(self) -> int:
        """Numbers a vector: the file says, or what was noted when it was there."""
        size = vector_file.look(self.path).size if self.path.is_file() else vector_store.remembered(self.path)
        if size is None:
            raise self._missing(f"there is no such file, and no copy of it in {vector_store.folder()}")
        return size

    def _missing(self, what: str) -> StoreError:
        remedy = "put the file back in its place, or correct embedding.file.path"
        return StoreError(what, where=f"embedding.file.path={self.path}", remedy=remedy)

    def _read(self, digest: bytes) -> Table:
        return Table(digest, *vector_file.read(vector_file.look(self.path), self.limit))

    def _keep(self, table: Table, context: Context) -> None:
        """Keep the table where it is not kept yet; without it saved runs need the file."""
        try:
            vector_store.keep(table)
            vector_store.remember(self.path, self.output_size)
        except OSError as error:
            context.notify("note", text=f"the vectors of {self.path} could not be kept ({error}): do not move it")

    def reopen(self) -> None:
        """After loading weights: find the table that they came from.

        Raises:
            StoreError: neither it nor the file is there any more.
        """
        digest = bytes(self.digest.tolist())
        if not any(digest) or (self.table is not None and self.table.digest == digest):
            return
        self.table, self.rows = vector_store.kept(digest), {}
        if self.table is None and self.path.is_file() and vector_store.digest_of(self.path, self.limit) == digest:
            self.table = self._read(digest)
        if self.table is None:
            there = "the file has changed since the run was trained" if self.path.is_file() else "the file is gone"
            raise self._missing(f"{there}, and no copy of it is in {vector_store.folder()}")

    def _take(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """The vectors of rows of the table, zeros for row -1: (n, D)."""
        taken = np.zeros((len(rows), self.output_size), dtype=np.float32)
        if self.table is not None:
            taken[rows >= 0] = self.table.vectors[rows[rows >= 0]]
        if self.normalize:
            taken /= np.maximum(np.linalg.norm(taken, axis=1, keepdims=True), 1e-12)
        return torch.from_numpy(taken)

    def _report(self, corpus: Corpus, context: Context) -> None:
        """Tell the share of the training words that the file has."""
        has = ~torch.cat([self.lacks, self.open_lacks]).cpu().numpy()
        ids = corpus.tokens.values[corpus.tokens.inner]
        types = np.unique(ids)
        if not len(ids):
            return
        self.coverage = {"types": float(has[types].mean()), "tokens": float(has[ids].mean())}
        shares = f"{self.coverage['types']:.1%} of the training words, {self.coverage['tokens']:.1%} of its tokens"
        context.notify("note", text=f"{self.path.name} ({self.output_size} numbers a word) has {shares}")


def _reopen(module: File, keys: Any) -> None:
    module.reopen()
