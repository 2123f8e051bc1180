"""Embeddings whose vectors come from a table: read from a file, or trained before the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor, nn

from core.data.corpus import Corpus
from core.data.vocab import END, UNK, Vocab
from core.data.word_cache import WordCache
from core.errors import StoreError
from core.model.context import Context
from core.neural.base import Embedding
from core.neural.ops.collation import collate_tensors
from core.neural.ops.sparse_gradients import look_up
from core.printable import echo
from core.types import Float32s, Int64s
from plugins.embeddings import vector_store, vector_writer
from plugins.embeddings.vector_store import Fallback, Table
from plugins.embeddings.word_dropout import WordDropout


class Open(NamedTuple):
    """What the table has of the open words."""

    vectors: Tensor  # (O, D), zeros for missing words
    lacks: Tensor  # bool (O,), which words are missing


class TableEmbedding(Embedding):
    """The vectors of a table, frozen or fine-tuned.

    Words that the table lacks share one trained vector, which starts as the mean of the vectors of the training
    words that it has. Tuning adds a trained change to the vector of each training word, which starts as zero. So a
    training word that the table lacks gets a vector of its own; in training the change of a rare one is left out
    at random, so that the shared vector is trained too. Changes are in units of the mean length of those vectors:
    an optimiser whose steps have a size of their own, such as AdamW, changes long vectors as fast as short ones.

    Args:
        vocab: the closed vocabulary.
        size: the dimension of a vector.
        tune: whether the vectors of the training words are fine-tuned; else they are frozen.
        word_dropout: how often a rare training word that the table lacks is read as an unknown word, if tuned; see
            ``WordDropout``.
        fallback: which other forms of a missing word to look up.
        normalize: whether each vector is scaled to length 1.
    """

    by_word: ClassVar[bool] = True
    formats: ClassVar[tuple[str, ...]] = ("word2vec",)
    vectors: Tensor
    lacks: Tensor
    digest: Tensor
    unit: Tensor  # scalar
    changes: nn.Parameter | None  # (V, D), times the unit

    def __init__(
        self, vocab: Vocab, size: int, *, tune: bool, word_dropout: float, fallback: Fallback, normalize: bool
    ) -> None:
        super().__init__(vocab)
        self.fallback, self.normalize = fallback, normalize
        self.output_size = size
        self.register_buffer("vectors", torch.zeros(vocab.size, size))
        self.changes = nn.Parameter(torch.zeros(vocab.size, size)) if tune else None
        self.register_buffer("unit", torch.ones(()))
        self.word_dropout = WordDropout(vocab, word_dropout)
        self.specials = nn.Parameter(torch.zeros(2, size))  # of END, and of all missing words
        self.register_buffer("lacks", torch.ones(vocab.size, dtype=torch.bool))
        self.register_buffer("digest", torch.zeros(vector_store.DIGEST, dtype=torch.uint8))  # zeros before fit
        self.table: Table | None = None
        self.open_rows = WordCache(self._find)
        self.coverage: dict[str, float] = {}
        self.register_load_state_dict_pre_hook(_add_changes)  # type: ignore[no-untyped-call] # torch's own
        self.register_load_state_dict_post_hook(_reopen)  # type: ignore[no-untyped-call] # torch's own

    def find_again(self, digest: bytes) -> Table:
        """The table that the vectors of a saved run came from.

        Args:
            digest: its content hash.

        Raises:
            StoreError: it does not exist any more.
        """
        raise NotImplementedError

    def take(self, table: Table) -> None:
        """Take the vectors of the vocabulary from a table."""
        self._set(table)
        self.digest.copy_(torch.frombuffer(bytearray(table.digest), dtype=torch.uint8))
        rows = table.find(self.vocab.words, self.fallback)
        rows[UNK] = -1
        with torch.no_grad():
            self.vectors.copy_(self._take(rows))
            self.lacks.copy_(torch.from_numpy(rows < 0))
            if not self.lacks.all():
                found = self.vectors[~self.lacks]  # (n, D)
                self.specials.copy_(found.mean(0).expand(2, -1))
                if length := float(found.norm(dim=1).mean()):
                    self.unit.fill_(length)

    def _set(self, table: Table | None) -> None:
        """Set the table that open words are looked up in."""
        self.table = table
        self.open_rows = WordCache(self._find)  # the rows of another table are of no use

    def _find(self, words: Sequence[str]) -> Int64s:
        """The rows of words in the table, -1 for missing words: (N,)."""
        if self.table is None:
            return np.full(len(words), -1, dtype=np.int64)
        return self.table.find(words, self.fallback)

    def prepare(self, words: Sequence[str]) -> Open:
        """Look up the open words."""
        rows, device = self.open_rows(words), self.specials.device
        return Open(self._take(rows).to(device), torch.from_numpy(rows < 0).to(device))

    def has(self, ids: Tensor, prepared: Open | None = None) -> Tensor:
        """Which words are in the table: open ids int64 (B, T) -> bool (B, T)."""
        return ~self._lacks(ids, prepared)

    def _lacks(self, ids: Tensor, prepared: Open | None) -> Tensor:
        """Which words are not in the table: open ids int64 (B, T) -> bool (B, T)."""
        if prepared is None or not len(prepared.lacks):
            return self.lacks[ids]
        beyond = ids >= self.vocab.size
        open_lacks = prepared.lacks[(ids - self.vocab.size).clamp(min=0)]
        return torch.where(beyond, open_lacks, self.lacks[ids.masked_fill(beyond, UNK)])

    def whole(self) -> tuple[Sequence[str], Float32s] | None:
        """The words of the table and their vectors, fine-tuned ones included; see ``Embedding.whole``."""
        if self.table is None:
            return None
        words, first = self.table.words, self.table.first
        if len(first) == len(words) and not self.normalize and self.changes is None:
            return words.to_pylist(), self.table.vectors  # mapped or in memory, not copied
        rows = self.table.find(self.vocab.words, "none")
        rows[UNK] = -1
        own, vectors = rows >= 0, self._take(first).numpy()  # (V,), (N, D)
        tuned = self.vectors if self.changes is None else self.vectors + self.unit * self.changes.detach()
        vectors[np.searchsorted(first, rows[own])] = tuned.cpu().numpy()[own]
        return words.take(pa.array(first)).to_pylist(), vectors

    def write_as(self, format: str, path: Path, words: Sequence[str], vectors: Float32s) -> None:
        """Write a word2vec file: binary if its name ends in ``.bin``, gzipped if it ends in ``.gz``.

        The format has no words with white space: they are left out, and a note says so.
        """
        odd = vector_writer.unwritable(pa.array(words, pa.large_string()))
        if odd.any():
            word = words[int(np.flatnonzero(odd)[0])]
            text = f"{odd.sum():,} words with white space are left out, such as '{word[:60]}'"
            echo(f"note: {text}", error=True)
            words = [word for word, is_odd in zip(words, odd.tolist(), strict=True) if not is_odd]
            vectors = vectors[~odd]
        vector_writer.write(path, words, vectors)

    def collate(self, ids: Int64s, prepared: Open | None = None) -> Int64s | None:
        """The row of each token in the table of changes, as if the table of vectors lacked all words (B, T)."""
        return None if self.changes is None else self.word_dropout(ids)

    def forward(self, ids: Tensor, prepared: Open | None = None, collated: Tensor | None = None) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, D)."""
        size = self.vocab.size
        beyond = ids >= size
        vectors = nn.functional.embedding(ids.masked_fill(beyond, UNK), self.vectors)  # (B, T, D)
        if prepared is not None and len(prepared.vectors):
            others = nn.functional.embedding((ids - size).clamp(min=0), prepared.vectors)
            vectors = torch.where(beyond[..., None], others, vectors)
        lacks = self._lacks(ids, prepared)  # (B, T)
        specials = nn.functional.embedding((ids != END).long(), self.specials)
        vectors = torch.where(lacks[..., None], specials, vectors)  # (B, T, D)
        if self.changes is None:
            return vectors
        dropped = collate_tensors(self.collate, ids) if collated is None else collated
        return vectors + self._changes(ids, lacks, dropped, self.changes)  # (B, T, D)

    def _changes(self, ids: Tensor, lacks: Tensor, dropped: Tensor, changes: Tensor) -> Tensor:
        """What is added to the vectors of training words, zeros for others: open ids (B, T) -> (B, T, D)."""
        rows = torch.where(lacks, dropped, ids.masked_fill(ids >= self.vocab.size, UNK))
        return self.unit * look_up(rows, changes).masked_fill((rows == UNK)[..., None], 0.0)

    def reopen(self) -> None:
        """After loading weights, find their table; without it only the words of the vocabulary are known."""
        digest = bytes(self.digest.tolist())
        if not any(digest) or (self.table is not None and self.table.digest == digest):
            return
        self._set(None)
        try:
            self._set(self.find_again(digest))
        except StoreError as error:
            known = "until then only the words of the training vocabulary have vectors"
            echo(f"note: {error}; {known}", error=True)

    def _take(self, rows: Int64s) -> Tensor:
        """The vectors of rows of the table, zeros for row -1: (n, D)."""
        vectors = np.zeros((len(rows), self.output_size), dtype=np.float32)
        if self.table is not None:
            vectors[rows >= 0] = self.table.vectors[rows[rows >= 0]]
        if self.normalize:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return torch.from_numpy(vectors)

    def report(self, name: str, corpus: Corpus, context: Context) -> None:
        """Note the share of the training words that are in the table."""
        ids = corpus.tokens.values[corpus.tokens.inner]
        types = np.unique(ids)
        if not len(ids):
            return
        has = torch.cat([~self.lacks, ~self.prepare(corpus.words).lacks]).cpu().numpy()  # (V + O,)
        self.coverage = {"types": float(has[types].mean()), "tokens": float(has[ids].mean())}
        types, tokens = self.coverage["types"], self.coverage["tokens"]
        shares = f"{types:.1%} of the words and {tokens:.1%} of the tokens of the training text"
        context.notify(
            "note", code="vectors.coverage", text=f"{name} (dimension {self.output_size}) covers {shares}"
        )


def _add_changes(module: TableEmbedding, state: dict[str, Any], prefix: str, *_: Any) -> None:
    """Weights that were saved when fine-tuning changed the vectors themselves: nothing is to be added to them."""
    if f"{prefix}vectors" not in state:
        return
    state.setdefault(f"{prefix}unit", module.unit)
    if module.changes is not None:
        state.setdefault(f"{prefix}changes", torch.zeros_like(module.changes))


def _reopen(module: TableEmbedding, keys: Any) -> None:
    module.reopen()
