"""Rows of word vectors as text: whole lines in blocks, parsed in bulk where they are regular."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pyarrow as pa
from pyarrow import csv

from core.errors import DataError
from core.types import Float32s
from plugins.embeddings.vector_layout import MARK, NUMBER, REMEDY, Layout

BLOCK = 4 << 20  # bytes of text in memory at a time
LONGEST = 32 << 20  # bytes of a line
FIX = "fix the row"


class Block(NamedTuple):
    """Whole lines."""

    line: int  # the number of the first one, from 1
    data: bytes  # UTF-8 if the words are


class Rows(NamedTuple):
    """Some rows of a file, without its blank lines."""

    words: Any  # Arrow large strings (n,)
    vectors: Float32s  # (n, D)
    lines: list[int] | range  # the number of the line of each


def read_rows(layout: Layout, limit: int | None) -> Iterator[Rows]:
    """The rows of a file in the text format, some megabytes at a time.

    Args:
        layout: of the file.
        limit: the largest number of rows that are looked at.

    Raises:
        DataError: a row is too short or too long, or a number or a word cannot be read.
    """
    total = 0
    for block in _blocks(layout):
        if limit is not None:
            block = _first_lines(block, limit - total)
        rows = _regular(layout, block) or _irregular(layout, block)
        total += len(rows.words)
        if len(rows.words):
            yield rows
        if limit is not None and total >= limit:
            return


def _blocks(layout: Layout) -> Iterator[Block]:
    """The lines after the header."""
    line, rest = 1, b""
    skipped = not layout.header
    for chunk in _utf_8(layout):
        rest += chunk
        end = rest.rfind(b"\n") + 1
        if not end and len(rest) > LONGEST:
            what = f"a line of more than {LONGEST >> 20} MB"
            raise DataError(what, where=f"{layout.path}:{line}", remedy=REMEDY)
        data, rest = rest[:end], rest[end:]
        if not skipped and end:
            data, skipped, line = data[data.index(b"\n") + 1 :], True, 2
        if data:
            yield Block(line, data)
            line += data.count(b"\n")
    if rest and skipped:
        yield Block(line, rest + b"\n")


def _utf_8(layout: Layout) -> Iterator[bytes]:
    """The file in pieces, in UTF-8 and without a byte order mark; invalid UTF-8 is for each row to report."""
    plain = layout.encoding == "utf-8" and layout.errors == "strict"
    decoder = codecs.getincrementaldecoder(layout.encoding)(layout.errors)
    line = 1
    with layout.open() as stream:
        for number, piece in enumerate(chain(iter(lambda: stream.read(BLOCK), b""), [b""])):
            try:
                data = piece if plain else decoder.decode(piece, not piece).encode("utf-8", "replace")
            except UnicodeError:
                what = f"the text is not {layout.encoding}"
                remedy = "name its encoding with embedding.encoding=, or set embedding.errors=replace"
                raise DataError(what, where=f"{layout.path}:{line}", remedy=remedy) from None
            line += data.count(b"\n")
            yield data if number else data.removeprefix(MARK)


def _first_lines(block: Block, count: int) -> Block:
    """The first lines of a block that are not blank."""
    end = 0
    while count > 0 and end < len(block.data):
        start, end = end, block.data.index(b"\n", end) + 1
        count -= bool(block.data[start:end].strip())
    return Block(block.line, block.data[:end])


def _regular(layout: Layout, block: Block) -> Rows | None:
    """The rows of a block if each is a word and the numbers, with one separator between two; else None."""
    numbers = [str(i) for i in range(layout.size)]
    names = ["word", *numbers, *(["end"] if layout.trailing else [])]
    parse = csv.ParseOptions(delimiter=layout.separator.decode(), quote_char=False)
    options = csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block.data) + 1)
    types = {"word": pa.large_string(), **dict.fromkeys(numbers, pa.float32())}
    convert = csv.ConvertOptions(
        column_types=types, null_values=[], strings_can_be_null=False, include_columns=["word", *numbers]
    )
    try:
        table = csv.read_csv(pa.BufferReader(block.data), options, parse, convert)
    except pa.ArrowInvalid:
        return None
    lines = block.data.count(b"\n")
    if len(table) != lines:  # there are blank lines
        return None
    vectors = np.stack([column.to_numpy() for column in table.columns[1:]], 1)  # (n, D)
    return Rows(table.column(0).combine_chunks(), vectors, range(block.line, block.line + lines))


def _irregular(layout: Layout, block: Block) -> Rows:
    """The rows of a block one by one: the last D fields are the numbers, and what is before them is the word."""
    words, vectors, lines = [], [], []
    for line, row in enumerate(block.data.split(b"\n")[:-1], block.line):
        if not row.strip():
            continue
        word, fields = _cut(layout, line, row)
        try:
            words.append(word.decode("utf-8"))
        except UnicodeDecodeError:
            remedy = "name its encoding with embedding.encoding=, such as latin-1, or set embedding.errors=replace"
            _fail(layout, line, "the word is not UTF-8", remedy)
        vectors.append(np.array(fields, dtype=np.float64))
        lines.append(line)
    with np.errstate(over="ignore"):
        matrix = np.array(vectors, dtype=np.float64).reshape(len(words), layout.size).astype(np.float32)  # (n, D)
    return Rows(pa.array(words, pa.large_string()), matrix, lines)


def _cut(layout: Layout, line: int, row: bytes) -> tuple[bytes, list[bytes]]:
    """The word of a row, which may have spaces, and its numbers."""
    fields = row.split()
    given = len(fields) - (row[:1] not in b" \t")
    if given < layout.size:
        _fail(layout, line, f"{given} numbers in this row, {layout.size} expected", FIX)
    for field in fields[-layout.size :]:
        if not NUMBER.fullmatch(field):
            what = f"a number cannot be read (invalid value '{field[:60].decode('utf-8', 'replace')}')"
            _fail(layout, line, what, REMEDY)
    parts = fields[: -layout.size]
    if len(parts) > 1 and NUMBER.fullmatch(parts[-1]):  # not a word with spaces: a number too many
        extra = next((i for i, part in enumerate(reversed(parts)) if not NUMBER.fullmatch(part)), len(parts) - 1)
        _fail(layout, line, f"{layout.size + extra} numbers in this row, {layout.size} expected", FIX)
    return row.rsplit(None, layout.size)[0].strip(b" \t") if parts else b"", fields[-layout.size :]


def _fail(layout: Layout, line: int, what: str, remedy: str) -> NoReturn:
    raise DataError(what, where=f"{layout.path}:{line}", remedy=remedy)
