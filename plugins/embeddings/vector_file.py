"""Reading word vectors in bulk: word2vec's text and binary formats and GloVe's text format, also compressed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import DataError
from core.types import Float32s
from plugins.embeddings import vector_binary, vector_text
from plugins.embeddings.vector_layout import Layout, look, reading

__all__ = ["Layout", "look", "read", "reading"]


def read(layout: Layout, limit: int | None = None) -> tuple[Any, Float32s]:
    """The words and their vectors.

    Args:
        layout: the layout that ``look`` detected.
        limit: read only this many words.

    Returns:
        The words, an Arrow array of large strings (N,), and float32 (N, size).

    Raises:
        DataError: the header is wrong, a row is too short or too long, a word is empty, a number cannot be read,
            or the text is not in its encoding.
    """
    with reading(layout.path):
        words, vectors = (_read_binary if layout.binary else _read_text)(layout, limit)
    _check_count(layout, len(words), limit)
    return words, vectors


def _check_count(layout: Layout, count: int, limit: int | None, more: str = "") -> None:
    """Compare the number of words with the header."""
    if layout.count is not None and count != min(layout.count, limit or layout.count):
        what = f"the header says {layout.count:,} words, the file has {count:,}{more}"
        remedy = "the file is truncated or damaged: download it again"
        raise DataError(what, where=f"{layout.path}:1", remedy=remedy)


def _read_text(layout: Layout, limit: int | None) -> tuple[Any, Float32s]:
    words, numbers, total = [pa.array([], pa.large_string())], bytearray(), 0
    for rows in vector_text.read_rows(layout, limit):
        places = (f"{layout.path}:{line}" for line in rows.lines)
        _check(rows.words, rows.vectors, total, places)
        words.append(rows.words)
        numbers += rows.vectors.data
        total += len(rows.words)
        if layout.count is not None and total > layout.count:  # without the rest, which may be endless
            _check_count(layout, total, limit, " or more")
    return pa.concat_arrays(words), _matrix(numbers, layout)


def _read_binary(layout: Layout, limit: int | None) -> tuple[Any, Float32s]:
    """The words and vectors; rows beyond the limit are read too, to check the header."""
    words, numbers = [], bytearray()
    for number, (word, row) in enumerate(vector_binary.read_rows(layout)):
        if limit is None or number < limit:
            words.append(_decoded(layout, word))
            numbers += row
    vectors, names = _matrix(numbers, layout), pa.array(words, pa.large_string())
    _check(names, vectors, 0, (str(layout.path) for _ in words))
    return names, vectors


def _matrix(numbers: bytearray, layout: Layout) -> Float32s:
    """Bytes as float32 (N, size), which share their memory."""
    return np.frombuffer(numbers, dtype="<f4").reshape(-1, layout.size).astype(np.float32, copy=False)


def _decoded(layout: Layout, word: bytes) -> str:
    try:
        return word.decode(layout.encoding, layout.errors)
    except UnicodeDecodeError as error:
        remedy = (
            "name its encoding with embedding.encoding=, or check that the file is in word2vec's binary format"
        )
        name = "UTF-8" if layout.encoding == "utf-8" else layout.encoding
        raise DataError(f"a word is not {name}", where=str(layout.path), remedy=remedy) from error


def _check(words: Any, vectors: Float32s, before: int, places: Iterable[str]) -> None:
    """Refuse empty words and numbers that are not finite; ``before`` words were read before these."""
    is_empty = pc.equal(words, "").to_numpy(zero_copy_only=False)
    bad = np.flatnonzero(is_empty | ~np.isfinite(vectors.sum(1, dtype=np.float64)))
    if not len(bad):
        return
    row, where = int(bad[0]), list(places)[int(bad[0])]
    if is_empty[row]:
        raise DataError(f"word {before + row + 1:,} is empty", where=where, remedy="remove this row")
    what = f"the vector of '{words[row].as_py()[:60]}' has a number that is not finite"
    raise DataError(what, where=where, remedy="remove the word")
