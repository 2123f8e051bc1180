"""Reading word vectors in bulk: word2vec's text and binary formats and GloVe's text format, optionally gzipped."""

from __future__ import annotations

import gzip
import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from core.errors import DataError
from core.types import Float32s

LINE = 1 << 20  # bytes of the longest line, and of the longest word in the binary format
REMEDY = "give a file of word vectors (word2vec text or binary, GloVe text)"


@dataclass(frozen=True)
class Layout:
    """The layout of a file, detected from its first bytes.

    Args:
        path: the file.
        gzipped: whether it is gzipped.
        binary: whether numbers are 4 bytes each.
        count: the number of words in the header, None without a header.
        size: the dimension of a vector.
        separator: the separator of the columns in the text format.
        trailing: whether the lines of the text format end in a separator.
    """

    path: Path
    gzipped: bool
    binary: bool
    count: int | None
    size: int
    separator: bytes = b" "
    trailing: bool = False

    @property
    def header(self) -> int:
        """Lines before the first word."""
        return int(self.count is not None)


def look(path: Path) -> Layout:
    """Detect the layout of a file of vectors from its first two lines.

    Args:
        path: an existing file.

    Raises:
        DataError: the file is empty, or its first lines are in none of the known formats.
    """
    with reading(path), path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    with reading(path), _open(path, gzipped) as stream:
        first, count, size = stream.readline(LINE), None, 0
        begin = first
        if header := re.fullmatch(rb"\s*(\d+)[ \t]+(\d+)\s*", first):
            count, size, begin = int(header[1]), int(header[2]), stream.read(LINE)
    row = begin[: begin.find(b"\n") + 1 or None]
    if not row.strip():
        raise DataError("the file has no vectors", where=str(path), remedy=REMEDY)
    if count is not None and not _is_text(row.partition(b" ")[2]):
        return Layout(path, gzipped, True, count, size)
    line = row.rstrip(b"\r\n")
    separator = b"\t" if b"\t" in line else b" "
    columns = len(line.rstrip(separator).split(separator)) - 1
    if count is not None and columns != size and not _is_text(begin.partition(b" ")[2][: 4 * size]):
        return Layout(path, gzipped, True, count, size)  # a byte of a number looked like the end of the line
    if columns < 1 or (count is not None and columns != size):
        what = f"the header says {size} numbers per word, this line has {columns}" if count else "no numbers here"
        raise DataError(what, where=f"{path}:{1 + (count is not None)}", remedy=REMEDY)
    return Layout(path, gzipped, False, count, columns, separator, line.endswith(separator))


def _is_text(data: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in data)


def read(layout: Layout, limit: int | None = None) -> tuple[Any, Float32s]:
    """The words and their vectors.

    Args:
        layout: the layout that ``look`` detected.
        limit: read only this many words.

    Returns:
        The words, an Arrow array of large strings (N,), and float32 (N, size).

    Raises:
        DataError: the header is wrong, a row is too short or too long, a word is empty, a number cannot be read,
            or the text is not UTF-8.
    """
    with reading(layout.path):
        words, vectors = (_read_binary if layout.binary else _read_text)(layout, limit)
    if layout.count is not None and len(words) != min(layout.count, limit or layout.count):
        what = f"the header says {layout.count:,} words, the file has {len(words):,}"
        raise DataError(
            what, where=f"{layout.path}:1", remedy="the file is truncated or damaged: download it again"
        )
    if len(empty := np.flatnonzero(pc.equal(words, ""))):
        where = _place(layout, int(empty[0]) + 1 + layout.header)
        raise DataError(f"word {empty[0] + 1:,} is empty", where=where, remedy="remove this row")
    bad = np.flatnonzero(~np.isfinite(vectors.sum(1, dtype=np.float64)))
    if len(bad):
        what = f"the vector of '{words[int(bad[0])]}' has a number that is not finite"
        raise DataError(what, where=_place(layout, int(bad[0]) + 1 + layout.header), remedy="remove the word")
    return words, vectors


def _read_text(layout: Layout, limit: int | None) -> tuple[Any, Float32s]:
    numbers = [str(i) for i in range(layout.size)]
    parse = csv.ParseOptions(delimiter=layout.separator.decode(), quote_char=False)
    names = ["word", *numbers, *(["end"] if layout.trailing else [])]
    options = csv.ReadOptions(use_threads=False, skip_rows=layout.header, column_names=names, block_size=4 << 20)
    types = {"word": pa.large_string(), **dict.fromkeys(numbers, pa.float32())}
    convert = csv.ConvertOptions(
        column_types=types, null_values=[], strings_can_be_null=False, include_columns=["word", *numbers]
    )
    words, vectors, total = [], [], 0
    try:
        with pa.OSFile(str(layout.path)) as file:
            stream = pa.CompressedInputStream(file, "gzip") if layout.gzipped else file
            with csv.open_csv(stream, options, parse, convert) as batches:
                for batch in batches:
                    words.append(batch.column(0))
                    vectors.append(np.stack([column.to_numpy() for column in batch.columns[1:]], 1))
                    total += len(batch)
                    if limit is not None and total >= limit:
                        break
    except pa.ArrowInvalid as error:
        _explain(layout, str(error))
    return pa.concat_arrays(words)[:limit], np.concatenate(vectors)[:limit]


def _explain(layout: Layout, message: str) -> NoReturn:
    """Raise the error for an error message of Arrow."""
    row = re.search(r"Row #(\d+): (?:CSV conversion error to [^:]*: )?(.*)", message)
    where = _place(layout, int(row[1])) if row else str(layout.path)
    what = row[2] if row else message
    if short := re.match(r"Expected (\d+) columns, got (\d+)", what):
        expected, actual = (int(columns) - 1 - layout.trailing for columns in short.groups())
        raise DataError(f"{actual} numbers in this row, {expected} expected", where=where, remedy="fix the row")
    if "UTF8" in what:
        raise DataError("the word is not UTF-8", where=where, remedy="convert the file with iconv")
    raise DataError(f"a number cannot be read ({what})", where=where, remedy=REMEDY)


def _read_binary(layout: Layout, limit: int | None) -> tuple[Any, Float32s]:
    """The words and vectors; rows beyond the limit are read too, to check the header."""
    total, size = layout.count or 0, 4 * layout.size
    count = min(total, limit or total)
    with layout.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        data: Any = gzip.decompress(mapped) if layout.gzipped else mapped
        at, words, rows = data.find(b"\n") + 1, [], []
        for number in range(total):
            space = data.find(b" ", at, at + LINE)
            if space < 0 or space + 1 + size > len(data):
                what = f"the header says {total:,} x {layout.size} numbers, word {number + 1:,} is truncated"
                raise DataError(what, where=str(layout.path), remedy="download the file again")
            begin, at = at, space + 1 + size
            if number < count:
                words.append(data[begin:space].lstrip(b"\n"))
                rows.append(data[space + 1 : at])
        if data[at : at + 2].strip():
            what = f"more bytes than the {total:,} words of {layout.size} numbers in the header"
            raise DataError(what, where=str(layout.path), remedy="download the file again")
    vectors = np.frombuffer(b"".join(rows), dtype="<f4").reshape(count, layout.size)
    try:
        return pa.array(words, pa.large_binary()).cast(pa.large_string()), vectors.astype(np.float32, copy=False)
    except pa.ArrowInvalid as error:
        remedy = "check that the file is in word2vec's binary format and encoded in UTF-8"
        raise DataError("a word is not UTF-8", where=str(layout.path), remedy=remedy) from error


def _place(layout: Layout, row: int) -> str:
    """``file:line`` of a row, counted from 1 with the header and without blank lines; in binary files the file."""
    if not layout.binary:
        with _open(layout.path, layout.gzipped) as stream:
            for line, text in enumerate(stream, 1):
                row -= bool(text.strip())
                if not row:
                    return f"{layout.path}:{line}"
    return str(layout.path)


def _open(path: Path, gzipped: bool) -> IO[bytes]:
    return gzip.open(path) if gzipped else path.open("rb")  # type: ignore[return-value] # GzipFile reads as a file does


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the exceptions of reading a file into a DataError.

    Args:
        path: the file.
    """
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        remedy = "check the file, or download it again"
        raise DataError(f"the file cannot be read ({error})", where=str(path), remedy=remedy) from error
