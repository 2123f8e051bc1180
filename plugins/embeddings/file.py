"""Pretrained vectors read from a file, frozen or fine-tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pyarrow.compute as pc
from annotated_types import Ge, Gt
from pydantic import AfterValidator

from core.config.space import Search
from core.data.corpus import Corpus
from core.data.turns import turn
from core.data.vocab import Vocab
from core.errors import StoreError
from core.model.context import Context
from plugins.embeddings import vector_file, vector_store
from plugins.embeddings.table import TableEmbedding
from plugins.embeddings.vector_layout import Errors, check_encoding
from plugins.embeddings.vector_store import Fallback, Table


class File(TableEmbedding):
    """The vectors of a file in word2vec's text or binary format or in GloVe's text format, also compressed.

    In a row of text the last numbers are the vector and what is before them is the word, which may have spaces.

    All words that the file lacks share one trained vector, which starts as the mean of the vectors of the
    training words that it has; if the vectors are fine-tuned, each training word among them gets one of its own.
    The whole table is stored by content hash in the cache folder, so that a saved run also finds words that do not
    occur in training; these are never fine-tuned.

    Args:
        vocab: the closed vocabulary.
        path: the file.
        tune: whether the vectors of the training words are fine-tuned with the encoder; else they are frozen.
        word_dropout: with tune, a training word without a vector that occurs n times is read as an unknown word
            with probability a / (a + n), where this is a; 0 for never.
        fallback: which other forms of a missing word to look up: none; lower: lower case; cases: lower case,
            Capitalised and CAPITALS.
        normalize: whether each vector is scaled to length 1.
        limit: read only this many words from the start of the file (most files are sorted by frequency); none
            for all.
        encoding: of the words, such as utf-8 or latin-1.
        errors: what becomes of bytes that are invalid in the encoding: strict: an error; replace: a replacement
            character; ignore: they are left out.
    """

    def __init__(
        self,
        vocab: Vocab,
        *,
        path: str,
        tune: Annotated[bool, Search(choices=(False, True))] = True,
        word_dropout: Annotated[float, Ge(0), Search(0.0, 1.0, when=("tune", (True,)))] = 0.25,
        fallback: Fallback = "cases",
        normalize: Annotated[bool, Search(choices=(False, True))] = False,
        limit: Annotated[int, Gt(0)] | None = None,
        encoding: Annotated[str, AfterValidator(check_encoding)] = "utf-8",
        errors: Errors = "strict",
    ) -> None:
        self.path, self.limit = Path(path).expanduser(), limit
        self.encoding, self.errors = encoding, errors
        shared: dict[str, Any] = {"word_dropout": word_dropout, "fallback": fallback, "normalize": normalize}
        super().__init__(vocab, self._size(), tune=tune, **shared)

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the file of vectors; see ``Embedding.fingerprint``."""
        path = Path(options["path"]).expanduser()
        if not path.is_file():
            return None
        return vector_store.digest_of(path, options["limit"], options["encoding"], options["errors"]).hex()

    @classmethod
    def needs_text(cls, options: dict[str, Any]) -> bool:
        """The vectors are those of the file; see ``Embedding.needs_text``."""
        return False

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Read the file or its stored table, take the vectors of the vocabulary, and note the coverage."""
        if not self.path.is_file():
            raise self._missing("there is no such file")
        with vector_file.reading(self.path):
            digest = self._digest()
        with turn(vector_store.folder() / digest.hex()):
            table = vector_store.load(digest) or self._read(digest)
            self._store(table, context)
        if repeated := len(table.words) - len(table.first):
            text = (
                f"{self.path.name}: {repeated:,} of its {len(table.words):,} words are repeated; the first is used"
            )
            context.notify("note", code="vectors.repeated", text=text)
        self._note_spaces(table, context)
        self.take(table)
        self.report(self.path.name, corpus, context)

    def find_again(self, digest: bytes) -> Table:
        """The stored table, or the file; see ``TableEmbedding.find_again``."""
        if (table := vector_store.load(digest)) is not None:
            return table
        if self.path.is_file() and self._digest() == digest:
            return self._read(digest)
        state = (
            "the file has changed since training" if self.path.is_file() else "the file does not exist any more"
        )
        raise self._missing(f"{state}, and {vector_store.folder()} has no copy of it")

    def _size(self) -> int:
        """The dimension of a vector, from the file or from what was stored about it."""
        size = self._look().size if self.path.is_file() else vector_store.load_size(self.path)
        if size is None:
            raise self._missing(f"there is no such file, and {vector_store.folder()} has no copy of it")
        return size

    def _missing(self, what: str) -> StoreError:
        remedy = "restore the file, or correct embedding.file.path"
        return StoreError(what, where=f"embedding.file.path={self.path}", remedy=remedy)

    def _digest(self) -> bytes:
        return vector_store.digest_of(self.path, self.limit, self.encoding, self.errors)

    def _look(self) -> vector_file.Layout:
        return vector_file.look(self.path, self.encoding, self.errors)

    def _read(self, digest: bytes) -> Table:
        return Table(digest, *vector_file.read(self._look(), self.limit))

    def _note_spaces(self, table: Table, context: Context) -> None:
        """Note the words with spaces, since a row with a number too many looks almost the same."""
        spaced = table.words.filter(pc.match_substring(table.words, " "))
        if len(spaced):
            text = (
                f"{self.path.name}: {len(spaced):,} of its words have spaces, such as '{spaced[0].as_py()[:60]}'"
            )
            context.notify("note", code="vectors.spaces", text=text)

    def _store(self, table: Table, context: Context) -> None:
        """Store the table; without it saved runs need the file."""
        try:
            vector_store.store(table)
            vector_store.store_size(self.path, self.output_size)
        except OSError as error:
            text = f"the vectors of {self.path} could not be stored ({error}): saved runs need the file"
            context.notify("note", code="vectors.not_stored", text=text)
