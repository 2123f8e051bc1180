"""The layout of a file of word vectors, detected from its first bytes."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data.packed import BROKEN, Stream, open_packed, packing
from core.data.sources import blocks
from core.errors import DataError

Errors = Literal["strict", "replace", "ignore"]

HEAD = 1 << 20  # bytes that the layout is detected from
LINES = 100  # of them, to find the dimension where there is no header
LARGEST_SIZE = 1 << 20  # numbers per word
DIGITS = 18  # of a count in the header: more is beyond 64 bits
MARK = b"\xef\xbb\xbf"  # a byte order mark
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(nan|inf|infinity)", re.IGNORECASE)
REMEDY = "give a file of word vectors (word2vec text or binary, GloVe text)"


@dataclass(frozen=True)
class Layout:
    """The layout of a file.

    Args:
        path: the file.
        packed: how it is compressed; see ``core.data.packed``.
        binary: whether numbers are 4 bytes each.
        count: the number of words in the header, None without a header.
        size: the dimension of a vector.
        separator: the separator of the columns in the text format.
        trailing: whether the lines of the text format end in a separator.
        encoding: of the words.
        errors: what becomes of bytes that are invalid in the encoding; see ``bytes.decode``.
    """

    path: Path
    packed: str
    binary: bool
    count: int | None
    size: int
    separator: bytes = b" "
    trailing: bool = False
    encoding: str = "utf-8"
    errors: Errors = "strict"

    @property
    def header(self) -> int:
        """Lines before the first word."""
        return int(self.count is not None)

    @property
    def gzipped(self) -> bool:
        """Whether it is gzipped."""
        return self.packed == "gzip"

    def open(self) -> Stream:
        """The file, unpacked as it is read."""
        return open_packed(self.path, self.packed)


def look(path: Path, encoding: str = "utf-8", errors: Errors = "strict") -> Layout:
    """Detect the layout of a file of vectors.

    Args:
        path: an existing file.
        encoding: of its words.
        errors: what becomes of bytes that are invalid in the encoding.

    Raises:
        DataError: the file is empty, or its first lines are in none of the known formats.
        ConfigError: there is no such encoding.
    """
    encoding = check_encoding(encoding)
    with reading(path):
        packed = packing(path)
        with open_packed(path, packed) as stream:
            head = stream.read(HEAD)
    if head.startswith(UTF_16) and not encoding.startswith("utf-16"):
        raise DataError("the file is in UTF-16", where=str(path), remedy="set embedding.encoding=utf-16")
    if encoding != "utf-8":
        head = _decoded(head, encoding)
    head = head.removeprefix(MARK)
    count, size, begin = _header(path, head)
    rows = [line for line in begin.split(b"\n")[: LINES + 1] if line.strip()]
    if not rows:
        raise DataError("the file has no vectors", where=str(path), remedy=REMEDY)
    if count is not None and _is_binary(begin, size):
        return Layout(path, packed, True, count, size, encoding=encoding, errors=errors)
    line = rows[0].rstrip(b"\r")
    separator = b"\t" if b"\t" in line else b" "
    size = _size(path, rows[: LINES if len(begin) < HEAD else -1] or rows, count, size)
    trailing = line.endswith(separator)
    return Layout(path, packed, False, count, size, separator, trailing, encoding, errors)


def _header(path: Path, head: bytes) -> tuple[int | None, int, bytes]:
    """The count and the dimension in the header (None and 0 without one), and what follows it."""
    first, _, rest = head.partition(b"\n")
    found = re.fullmatch(rb"\s*(\d+)[ \t]+(\d+)\s*", first)
    if not found:
        return None, 0, head
    if max(map(len, found.groups())) > DIGITS or int(found[2]) > LARGEST_SIZE or not int(found[2]):
        count, size = (_short(digits.decode()) for digits in found.groups())
        what = f"the header says {count} words of {size} numbers"
        raise DataError(what, where=f"{path}:1", remedy=REMEDY)
    return int(found[1]), int(found[2]), rest


def _short(digits: str) -> str:
    return digits if len(digits) <= DIGITS else f"{digits[:6]}... ({len(digits):,} digits)"


def _is_binary(begin: bytes, size: int) -> bool:
    """Whether the rows after a header are binary; a byte of a number may look like the end of a line."""
    row = begin[: begin.find(b"\n") + 1 or None].rstrip(b"\r\n")
    fields = row.split()
    if len(fields) > size and all(map(NUMBER.fullmatch, fields[-size:])):
        return False  # a word may have any bytes
    rest = row.partition(b" ")[2]
    if not _is_text(rest):
        return True
    return len(fields) - 1 != size and not _is_text(begin.partition(b" ")[2][: 4 * size])


def _is_text(data: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in data)


def _size(path: Path, rows: list[bytes], count: int | None, size: int) -> int:
    """The dimension: that of the header, else the most common number of numbers after a word."""
    lengths = [_numbers(row) for row in rows]
    if count is None:
        size = Counter(lengths).most_common(1)[0][0]
    if not size or (count is not None and lengths[0] != size):
        what = f"the header says {size} numbers per word, this line has {lengths[0]}"
        what = "no numbers here" if count is None or not lengths[0] else what
        raise DataError(what, where=f"{path}:{1 + (count is not None)}", remedy=REMEDY)
    return size


def _numbers(row: bytes) -> int:
    """The numbers at the end of a row, without its first field, which is at least a part of the word."""
    fields = row.split()[row[:1] not in b" \t" :]
    return next((i for i, field in enumerate(reversed(fields)) if not NUMBER.fullmatch(field)), len(fields))


def check_encoding(encoding: str) -> str:
    """The standard name of a text encoding; ConfigError where there is none of this name."""
    return blocks.check_encoding(encoding, "embedding.encoding").replace("utf-8-sig", "utf-8")


def _decoded(head: bytes, encoding: str) -> bytes:
    """The start of a file as UTF-8; a character that is cut off is left out."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(head).encode("utf-8", "replace")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the exceptions of reading a file into a DataError.

    Args:
        path: the file.
    """
    try:
        yield
    except (OSError, *BROKEN) as error:
        remedy = "check the file, or download it again"
        raise DataError(f"the file cannot be read ({error})", where=str(path), remedy=remedy) from error
