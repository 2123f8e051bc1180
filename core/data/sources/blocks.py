"""A file as blocks of whole records: uncompressed, decoded to UTF-8, 16 MB at a time."""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.data.sources.compression import read_bytes
from core.errors import ConfigError, DataError
from core.types import Int64s

SIZE = 16 << 20  # bytes of text that are in memory at a time
ARRIVING = 1 << 16  # bytes of text that are read at a time where each answer is wanted at once
SPARSE = 4  # where the strings of a block are less than 1 / SPARSE of its bytes, they are gathered one by one
LONGEST = 1 << 28  # bytes of one record; a small compressed file may have a line without end
_BLANK = re.compile(rb"(?<=\n)[ \t]*\r?\n")
MARK = b"\xef\xbb\xbf"  # the byte order mark that some editors write


@dataclass(frozen=True, eq=False)
class Block:
    """Whole records of a file.

    Args:
        path: the file.
        line: the number of the first line, from 1.
        data: UTF-8, ends in a newline.
    """

    path: Path
    line: int
    data: bytes

    @cached_property
    def codes(self) -> npt.NDArray[np.uint8]:
        """uint8 (N,): the bytes."""
        return np.frombuffer(self.data, dtype=np.uint8)

    def place(self, position: int) -> str:
        """``file:line`` of a byte."""
        line = self.line + self.data.count(b"\n", 0, int(position))
        return f"{self.path}:{line}"

    def strings(self, starts: Int64s, ends: Int64s) -> pa.StringArray:
        """The byte ranges as strings.

        Args:
            starts: int64 (n,), rising.
            ends: int64 (n,), rising; ranges do not overlap, and at least one byte separates two of them.
        """
        lengths = ends - starts
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        if SPARSE * offsets[-1] < len(self.codes):
            values = self.codes[np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)]
        else:
            step = np.zeros(len(self.codes) + 1, dtype=np.int8)
            step[starts] += 1
            step[ends] -= 1
            values = self.codes[np.cumsum(step[:-1], dtype=np.int8).view(np.bool_)]
        buffers = pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(values)
        return pa.StringArray.from_buffers(len(starts), *buffers)


def after_blank(data: bytes) -> int:
    """Where the last blank line ends (0: nowhere); a line of spaces is blank too, and slower to find."""
    end = max(data.rfind(b"\n\n") + 2, data.rfind(b"\n\r\n") + 3)
    if end > 2 or (b"\n " not in data and b"\n\t" not in data):
        return end if end > 2 else 0
    return max((match.end() for match in _BLANK.finditer(data)), default=0)


def read_blocks(
    path: Path, cut: Callable[[bytes], int], encoding: str = "utf-8", size: int = SIZE
) -> Iterator[Block]:
    """Read a file, plain or compressed, as blocks.

    Args:
        path: the file.
        cut: where the last whole record in some bytes ends (0: nowhere).
        encoding: of its text.
        size: bytes per block, about.

    Raises:
        DataError: the file is missing, empty, broken or not in this encoding.
    """
    plain = check_encoding(encoding) in ("utf-8", "utf-8-sig")
    chunks = read_bytes(path, size) if plain else _decoded(path, encoding, size)
    block = None
    for block in whole(chunks, path, cut):
        if block.line == 1:
            _check_line_ends(block)
        yield block
    if block is None:
        raise DataError("the file is empty", where=str(path), remedy="name another file, or leave this one out")


def _check_line_ends(block: Block) -> None:
    """Raise where the lines of a file end in carriage returns alone, as they did on the first Macintosh."""
    if block.data.count(b"\n") == 1 and block.data.count(b"\r") > 1:
        what, remedy = "its lines end in carriage returns alone", "convert it, as with `tr '\\r' '\\n'`"
        raise DataError(what, where=str(block.path), remedy=remedy)


def whole(chunks: Iterator[bytes], path: Path, cut: Callable[[bytes], int]) -> Iterator[Block]:
    """Pieces of UTF-8 as blocks of whole records; each record is passed on as soon as it is complete.

    Args:
        chunks: the bytes, in pieces of any size.
        path: where they come from, for errors.
        cut: where the last whole record in some bytes ends (0: nowhere).
    """
    line, parts, size = 1, list[bytes](), 0
    for i, chunk in enumerate(chunks):
        parts.append(chunk.removeprefix(MARK) if i == 0 else chunk)
        size += len(parts[-1])
        rest = b"".join(parts) if b"\n" in chunk else b""  # no record ends without a newline
        end = cut(rest) if rest else 0
        if not end and b"\0" in chunk:
            _checked(Block(path, line, b"".join(parts)))  # a device of zeros has no end
        if not end and size > LONGEST:
            what = f"a record of more than {LONGEST >> 20} MiB"
            raise DataError(what, where=f"{path}:{line}", remedy="is this a text file?")
        if end:
            yield _checked(Block(path, line, rest[:end]))
            line += rest.count(b"\n", 0, end)
        if rest:
            parts, size = [rest[end:]], len(rest) - end
    if rest := b"".join(parts):
        yield _checked(Block(path, line, rest if rest.endswith(b"\n") else rest + b"\n"))


def check_encoding(encoding: str, where: str = "data.encoding") -> str:
    """The standard name of a text encoding; ``where`` is the option that names it.

    Raises:
        ConfigError: there is no such encoding.
    """
    try:
        codecs.getincrementaldecoder(encoding)
        "a".encode(encoding)  # not every codec is of text
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        what, remedy = f"'{encoding}' is not a text encoding", "utf-8 and latin-1 are two"
        raise ConfigError(what, where=where, remedy=remedy) from None


def arriving(path: Path | None, encoding: str = "utf-8") -> Iterator[bytes]:
    """The bytes of a file as UTF-8, uncompressed, or of standard input (None), each piece as soon as it arrives.

    Raises:
        DataError: the file cannot be read.
    """
    if path is not None and check_encoding(encoding) not in ("utf-8", "utf-8-sig"):
        yield from _decoded(path, encoding, ARRIVING)
    elif path is not None:
        yield from read_bytes(path, ARRIVING, at_once=False)
    else:  # without bytes beneath, it is text that a program put there
        stdin: Any = getattr(sys.stdin, "buffer", None) or io.BytesIO(sys.stdin.read().encode())
        yield from iter(lambda: stdin.read1(ARRIVING), b"")


def _decoded(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    """The bytes of a file in another encoding, as UTF-8."""
    line = 1
    try:
        for text in codecs.iterdecode(read_bytes(path, size), encoding):
            line += text.count("\n")
            yield text.encode("utf-8")
    except UnicodeError:
        raise _wrong_encoding(f"{path}:{line}", encoding) from None


def _checked(block: Block) -> Block:
    """The block, if it is UTF-8."""
    try:
        block.data.decode("utf-8")
    except UnicodeDecodeError as error:
        marked = block.data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        raise _wrong_encoding(block.place(error.start), "UTF-8", "utf-16" if marked else "latin-1") from None
    if (at := block.data.find(b"\0")) >= 0:
        what, where = "a NUL byte, which no text has", block.place(at)
        remedy = "is this a text file? data.encoding=utf-16 reads text with two bytes per character"
        raise DataError(what, where=where, remedy=remedy, code="data.encoding")
    return block


def _wrong_encoding(where: str, encoding: str, likely: str = "latin-1") -> DataError:
    """The error of bytes that are invalid in an encoding."""
    remedy = f"name its encoding, such as data.encoding={likely}"
    return DataError(f"the text is not {encoding}", where=where, remedy=remedy, code="data.encoding")
