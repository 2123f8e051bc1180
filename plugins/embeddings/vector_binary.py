"""Rows of word vectors in word2vec's binary format: a word, a space, and 4 bytes per number."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.packed import Stream
from core.errors import DataError
from plugins.embeddings.vector_layout import HEAD, Layout

BLOCK = 4 << 20  # bytes in memory at a time
LONGEST = 1 << 20  # bytes of a word
AGAIN = "download the file again"


def read_rows(layout: Layout) -> Iterator[tuple[bytes, bytes]]:
    """Each word and its numbers, as bytes; the file is unpacked as it is read.

    Args:
        layout: of the file.

    Raises:
        DataError: there are fewer or more rows than the header says.
    """
    total, size, where = layout.count or 0, 4 * layout.size, str(layout.path)
    with layout.open() as stream:
        buffer = _Buffer(stream)
        buffer.fill(HEAD)
        buffer.at = buffer.data.index(b"\n") + 1  # after the header
        for number in range(1, total + 1):
            length = buffer.word_length()
            if length < 0 or not buffer.fill(length + 1 + size):
                what = f"the header says {total:,} x {layout.size} numbers, word {number:,} is truncated"
                raise DataError(what, where=where, remedy=AGAIN)
            yield buffer.take(length).lstrip(b"\n"), buffer.take(1 + size)[1:]
        buffer.fill(2)
        if buffer.data[buffer.at : buffer.at + 2].strip():
            what = f"more bytes than the {total:,} words of {layout.size} numbers in the header"
            raise DataError(what, where=where, remedy=AGAIN)


class _Buffer:
    """Some bytes of a stream, and the position in them."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.data, self.at = stream, b"", 0

    def fill(self, size: int) -> bool:
        """Have this many bytes from the position on; False at the end of the stream."""
        if len(self.data) - self.at >= size:
            return True
        self.data, self.at = self.data[self.at :], 0
        pieces, missing = [self.data], size - len(self.data)
        while missing > 0 and (piece := self.stream.read(max(BLOCK, missing))):
            pieces.append(piece)
            missing -= len(piece)
        self.data = b"".join(pieces)
        return missing <= 0

    def word_length(self) -> int:
        """The number of bytes before the next space, -1 without one."""
        space = self.data.find(b" ", self.at, self.at + LONGEST)
        if space < 0:
            self.fill(LONGEST)
            space = self.data.find(b" ", self.at, self.at + LONGEST)
        return space - self.at if space >= 0 else -1

    def take(self, size: int) -> bytes:
        """The next bytes, which are there."""
        self.at += size
        return self.data[self.at - size : self.at]
