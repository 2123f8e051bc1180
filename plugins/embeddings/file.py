"""Outside vectors: read from a file, frozen or trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from annotated_types import Gt

from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import StoreError
from core.model.context import Context
from plugins.embeddings import vector_file, vector_store
from plugins.embeddings.table import TableEmbedding
from plugins.embeddings.vector_store import Fallback, Table


class File(TableEmbedding):
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
        self.path, self.limit = Path(path).expanduser(), limit
        super().__init__(vocab, self._size(), tune=tune, fallback=fallback, normalize=normalize)

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
        table = vector_store.kept(digest) or self._read(digest)
        self._keep(table, context)
        if again := len(table.words) - len(table.first):
            said = f"{again:,} of its {len(table.words):,} words stood there before; the first counts"
            context.notify("note", text=f"{self.path.name}: {said}")
        self.take(table, corpus)
        self.report(self.path.name, corpus, context)

    def find_again(self, digest: bytes) -> Table:
        """The table that is kept, or the file; see ``TableEmbedding.find_again``."""
        if (table := vector_store.kept(digest)) is not None:
            return table
        if self.path.is_file() and vector_store.digest_of(self.path, self.limit) == digest:
            return self._read(digest)
        there = "the file has changed since the run was trained" if self.path.is_file() else "the file is gone"
        raise self._missing(f"{there}, and no copy of it is in {vector_store.folder()}")

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
