"""The text that vectors are trained on, as codes: that of the run, or another file, mapped from the cache."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data import id_cache
from core.data.atomic import replace_folder, temporary_folder
from core.data.corpus import Corpus
from core.data.interning import Interner, split_rows
from core.data.memory import release
from core.data.sources import open_source
from core.data.sources.base import Source
from core.data.sources.files import Files
from core.data.turns import turn
from core.data.vocab import FIRST, SPECIALS
from core.errors import ConfigError, DataError, StoreError
from core.types import Int32s, Int64s

KEY = "embedding.word2vec"
REMEDY = "give a text file in UTF-8, or a folder with a training split, with embedding.corpus="
FORMAT = 1
BLOCK = 4 << 20  # bytes of text in memory at a time
CHUNK = 1 << 20  # tokens checked at a time


@dataclass(frozen=True, eq=False)
class Text:
    """Rows of codes.

    Args:
        values: int32 (N,), rows end to end, mapped or in memory.
        offsets: int64 (R + 1,), row r is ``values[offsets[r]:offsets[r + 1]]``.
        words: the word of each code.
        counts: int64 (codes,), its occurrences; 0 for codes that get no vector, such as the end of a row.
        digest: the content hash of the text.
        notes: notes from reading the text.
    """

    values: Int32s
    offsets: Int64s
    words: Sequence[str]
    counts: Int64s
    digest: str
    notes: Sequence[str] = ()

    def release_memory(self) -> None:
        """Release the memory of mapped values; they are read again when they are needed."""
        base: Any = self.values
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)

    def check(self) -> None:
        """Check that all codes are valid; with invalid codes the kernels would read beyond their arrays.

        Raises:
            DataError: a code is invalid.
        """
        for at in range(0, len(self.values), CHUNK):
            part = self.values[at : at + CHUNK]
            if not 0 <= part.min() <= part.max() < len(self.counts):
                remedy = "delete the folder texts in the cache folder"
                raise DataError("the stored ids of the text are damaged", where=KEY, remedy=remedy)
            self.release_memory()


def of_corpus(corpus: Corpus) -> Text:
    """The text of a split, including rare (open) words; a literal ``<unk>`` is not a word."""
    rows, words = corpus.tokens, [*corpus.vocab.words, *corpus.words]
    counts = np.bincount(rows.values, minlength=len(words)).astype(np.int64)
    counts[:FIRST] = 0
    state = hashlib.blake2b(digest_size=16)
    for part in (rows.values, rows.offsets):
        state.update(np.ascontiguousarray(part).data)
    state.update("\n".join(words).encode("utf-8", "surrogatepass"))
    return Text(np.ascontiguousarray(rows.values, dtype=np.int32), rows.offsets, words, counts, state.hexdigest())


def of_path(path: str, threads: int = 1) -> Text:
    """The training rows of a file or folder, split at white space; the ids are stored in the cache folder.

    Args:
        path: as in ``data=``: of a folder its training split.
        threads: the number of threads that split the text.

    Raises:
        DataError: there is no such file, or it has no training text.
    """
    with _errors_of_option(path):
        source = _open(path)
        place = id_cache.folder() / "texts" / f"{source.fingerprint()}-{FORMAT}"
        with turn(place):
            return _load(place) or _write(source, place, threads)


def fingerprint(path: str) -> str | None:
    """The content hash of the text that ``of_path`` reads."""
    with _errors_of_option(path):
        return _open(path).fingerprint()


@contextmanager
def _errors_of_option(path: str) -> Iterator[None]:
    """Turn errors about the data into errors of the option ``corpus``.

    Args:
        path: the value of the option.
    """
    try:
        yield
    except (ConfigError, DataError) as error:
        known = error.where in ("", path, str(Path(path).expanduser()))
        what = error.what if known else f"{error.where}: {error.what}"
        raise DataError(what, where=f"{KEY}.corpus={path}", remedy=REMEDY, code=error.code) from error


def _open(path: str) -> Source:
    source = open_source(str(Path(path).expanduser()))
    if isinstance(source, Files):
        source.block_size = BLOCK
    if "train" not in source.splits():
        raise DataError("there is no training split", where=path, remedy=REMEDY)
    return source


def _write(source: Source, place: Path, threads: int) -> Text:
    """Convert the rows of a source to ids and store them.

    Raises:
        StoreError: the cache folder cannot be written.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(place.parent) as new:
            _encode(source, new, threads)
            replace_folder(new, place)
    except OSError as error:
        remedy = "free some space, or set another folder with the environment variable SEQLAB_CACHE"
        raise StoreError(
            f"the ids of the text cannot be stored ({error})", where=str(place), remedy=remedy
        ) from error
    release()  # training needs the memory that reading has freed
    text = _load(place)
    assert text is not None, "the text has just been written"
    return text


def _encode(source: Source, folder: Path, threads: int) -> None:
    """Read, convert and count in one pass; memory holds the words, one length per row and a batch."""
    interner, lengths = Interner(threads=threads), [np.zeros(1, dtype=np.int64)]
    counts = np.zeros(0, dtype=np.int64)
    with (folder / "values.i32").open("wb") as file:
        for batch in source.batches("train"):
            column = batch.column("tokens" if "tokens" in batch.schema.names else "text")
            codes, tokens = split_rows(column, "space", interner)
            codes.tofile(file)
            lengths.append(tokens)
            counts = np.pad(counts, (0, len(interner.codes) - len(counts)))
            counts += np.bincount(codes, minlength=len(counts))
    np.save(folder / "offsets.npy", np.cumsum(np.concatenate(lengths)))
    np.save(folder / "counts.npy", counts)
    meta = {"words": interner.types, "notes": list(map(str, source.notes()))}
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _load(place: Path) -> Text | None:
    """A stored text, mapped; None if it is missing or truncated."""
    try:
        offsets, counts = (np.load(place / f"{name}.npy", allow_pickle=False) for name in ("offsets", "counts"))
        meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
        words, notes = meta["words"], meta["notes"]
        size = (place / "values.i32").stat().st_size
        if size != 4 * offsets[-1] or len(words) != len(counts):
            return None
        values = np.memmap(place / "values.i32", dtype=np.int32, mode="r") if size else np.zeros(0, dtype=np.int32)
    except (OSError, ValueError, EOFError, IndexError, KeyError):
        return None
    for special in SPECIALS:
        if special in words:
            counts[words.index(special)] = 0
    return Text(values, offsets, words, counts, place.name, notes)
