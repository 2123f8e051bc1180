"""Files of word vectors, read in bulk: word2vec's text and binary forms, GloVe's text, each also gzipped."""

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
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from core.errors import DataError

Floats = npt.NDArray[np.float32]

LINE = 1 << 20  # bytes of the longest line, and of the longest word of the binary form
REMEDY = "is this a file of word vectors (word2vec text or binary, GloVe text)?"


@dataclass(frozen=True)
class Layout:
    """What the first bytes of a file say.

    Args:
        path: the file.
        gzipped: whether it is.
        binary: whether numbers are 4 bytes each.
        count: how many words the header promises, None without a header.
        size: numbers a vector.
        separator: what stands between the columns of a text.
        trailing: whether the lines of a text end in a separator.
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
    """The layout of a file of vectors, by its first two lines: a header, and whether numbers are text.

    Args:
        path: an existing file.

    Raises:
        DataError: it is empty, or its first lines are none of the known forms.
    """
    with reading(path), path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    with reading(path), _open(path, gzipped) as stream:
        first, count, size = stream.readline(LINE), None, 0
        begin = first
        if promised := re.fullmatch(rb"\s*(\d+)[ \t]+(\d+)\s*", first):
            count, size, begin = int(promised[1]), int(promised[2]), stream.read(LINE)
    row = begin[: begin.find(b"\n") + 1 or None]
    if not row.strip():
        raise DataError("there is not one vector in this file", where=str(path), remedy=REMEDY)
    if count is not None and not _is_text(row.partition(b" ")[2]):
        return Layout(path, gzipped, True, count, size)
    line = row.rstrip(b"\r\n")
    separator = b"\t" if b"\t" in line else b" "
    found = len(line.rstrip(separator).split(separator)) - 1
    if count is not None and found != size and not _is_text(begin.partition(b" ")[2][: 4 * size]):
        return Layout(path, gzipped, True, count, size)  # a byte of a number looked like the end of the line
    if found < 1 or (count is not None and found != size):
        what = f"the header promises {size} numbers a word, this line has {found}" if count else "no numbers here"
        raise DataError(what, where=f"{path}:{1 + (count is not None)}", remedy=REMEDY)
    return Layout(path, gzipped, False, count, found, separator, line.endswith(separator))


def _is_text(data: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in data)


def read(layout: Layout, limit: int | None = None) -> tuple[Any, Floats]:
    """The words and their vectors.

    Args:
        layout: what ``look`` found.
        limit: read the first so many words only.

    Returns:
        The words, an Arrow array of large strings (N,), and float32 (N, size).

    Raises:
        DataError: a header that lies, a row too short or too long, an empty word, a number that is none, text that
            is not UTF-8.
    """
    with reading(layout.path):
        words, vectors = (_read_binary if layout.binary else _read_text)(layout, limit)
    if layout.count is not None and len(words) != min(layout.count, limit or layout.count):
        what = f"the header promises {layout.count:,} words, the file has {len(words):,}"
        raise DataError(what, where=f"{layout.path}:1", remedy="the file is cut short or damaged: get it again")
    if len(empty := np.flatnonzero(pc.equal(words, ""))):
        where = _place(layout, int(empty[0]) + 1 + layout.header)
        raise DataError(f"word {empty[0] + 1:,} is empty", where=where, remedy="remove this row")
    bad = np.flatnonzero(~np.isfinite(vectors.sum(1, dtype=np.float64)))
    if len(bad):
        what = f"the vector of '{words[int(bad[0])]}' holds a number that is not finite"
        raise DataError(what, where=_place(layout, int(bad[0]) + 1 + layout.header), remedy="remove the word")
    return words, vectors


def _read_text(layout: Layout, limit: int | None) -> tuple[Any, Floats]:
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
    """Arrow's complaint as ours."""
    row = re.search(r"Row #(\d+): (?:CSV conversion error to [^:]*: )?(.*)", message)
    where = _place(layout, int(row[1])) if row else str(layout.path)
    what = row[2] if row else message
    if short := re.match(r"Expected (\d+) columns, got (\d+)", what):
        wanted, found = (int(columns) - 1 - layout.trailing for columns in short.groups())
        raise DataError(f"{found} numbers in this row, {wanted} expected", where=where, remedy="mend the row")
    if "UTF8" in what:
        raise DataError("the word is not UTF-8", where=where, remedy="convert the file with iconv")
    raise DataError(f"a number cannot be read ({what})", where=where, remedy=REMEDY)


def _read_binary(layout: Layout, limit: int | None) -> tuple[Any, Floats]:
    """All rows are gone through, those beyond the limit too: they tell whether the header's size is right."""
    promised, size = layout.count or 0, 4 * layout.size
    count = min(promised, limit or promised)
    with layout.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        data: Any = gzip.decompress(mapped) if layout.gzipped else mapped
        at, words, rows = data.find(b"\n") + 1, [], []
        for number in range(promised):
            space = data.find(b" ", at, at + LINE)
            if space < 0 or space + 1 + size > len(data):
                what = f"the header promises {promised:,} x {layout.size} numbers, word {number + 1:,} is cut"
                raise DataError(what, where=str(layout.path), remedy="get the file again")
            begin, at = at, space + 1 + size
            if number < count:
                words.append(data[begin:space].lstrip(b"\n"))
                rows.append(data[space + 1 : at])
        if data[at : at + 2].strip():
            what = f"more bytes than the header's {promised:,} words of {layout.size} numbers"
            raise DataError(what, where=str(layout.path), remedy="get the file again")
    vectors = np.frombuffer(b"".join(rows), dtype="<f4").reshape(count, layout.size)
    try:
        return pa.array(words, pa.large_binary()).cast(pa.large_string()), vectors.astype(np.float32, copy=False)
    except pa.ArrowInvalid as error:
        raise DataError("a word is not UTF-8", where=str(layout.path), remedy="is the file binary?") from error


def _place(layout: Layout, row: int) -> str:
    """``file:line`` of a row, from 1 with the header, blank lines not counted; of the binary form the file."""
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
    """Turn what can go wrong in reading a file into a DataError.

    Args:
        path: the file.
    """
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"the file cannot be read ({error})", where=str(path), remedy="get it again") from error
