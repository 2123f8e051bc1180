"""The lines of a large text file: one at a time, or in blocks of bytes; a thread reads and unpacks ahead."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn, Self

import numpy as np
import numpy.typing as npt

from core.data.packed import BROKEN, open_packed, packing
from core.errors import DataError

BLOCK = 1 << 24  # bytes per read
LONGEST = 1 << 24  # bytes of a line
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Lines:
    """The lines of a file, plain or compressed, from the first to the last.

    Args:
        path: the file.

    Attributes:
        number: the line that was read last, counted from 1.
        crlf: whether a block ended in CRLF.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.number, self.crlf = path, 0, False
        self.data, self.at = np.zeros(0, dtype=np.uint8), 0

    def __enter__(self) -> Self:
        try:
            self.file = open_packed(self.path, packing(self.path))
        except OSError as error:
            raise self._unreadable(error) from error
        self.pool = ThreadPoolExecutor(1)
        self.blocks = self._read()
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown()
        self.file.close()

    def _read(self) -> Iterator[bytes]:
        """Whole lines, some megabytes at a time; a missing last newline is added."""
        rest, mark, ahead = b"", BYTE_ORDER_MARK, self.pool.submit(self.file.read, BLOCK)
        while block := ahead.result():
            ahead = self.pool.submit(self.file.read, BLOCK)
            block, mark = block.removeprefix(mark), b""
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
            if len(rest) > LONGEST:
                self.fail(f"a line of more than {LONGEST >> 20} MB", "give an ARPA file", 0)
        if rest:
            yield rest + b"\n"

    def block(self) -> tuple[npt.NDArray[np.uint8], int, int]:
        """The current block: bytes uint8 (M,), the start of the next line, and M (equal at the end of the file).

        Raises:
            DataError: the file is damaged.
        """
        if self.at == len(self.data):
            try:
                self.data, self.at = np.frombuffer(next(self.blocks, b""), dtype=np.uint8), 0
            except (OSError, *BROKEN) as error:
                raise self._unreadable(error) from error
            self.crlf |= len(self.data) > 1 and self.data[-2:].tobytes() == b"\r\n"
        return self.data, self.at, len(self.data)

    def advance(self, at: int, lines: int) -> None:
        """Move past some lines of the block."""
        self.at, self.number = at, self.number + lines

    def next(self, wanted: str) -> str:
        """The next line without trailing white space.

        Args:
            wanted: what is expected there, for the error.

        Raises:
            DataError: the file ends here.
        """
        data, at, stop = self.block()
        if at == stop:
            self.fail(f"the file ends where {wanted} is expected", "it is truncated: write or copy it again", 0)
        end = at + int(np.argmax(data[at:] == ord("\n")))
        self.advance(end + 1, 1)
        return data[at:end].tobytes().decode("utf-8", "replace").rstrip()

    def section(self, wanted: str) -> str:
        """The next line that is not empty; see ``next``."""
        while not (line := self.next(wanted)):
            pass
        return line

    def fail(self, what: str, remedy: str, line: int | None = None) -> NoReturn:
        """Raise the error for a line, by default for the one that was read last; 0 is the line after it."""
        number = self.number + 1 if line == 0 else line or self.number
        raise DataError(what, where=f"{self.path}:{number}", remedy=remedy)

    def _unreadable(self, error: Exception) -> DataError:
        if isinstance(error, BROKEN) or getattr(error, "errno", None) is None:
            what = f"the compressed file is damaged or truncated ({error})"
            where = f"{self.path}:{self.number}" if self.number else str(self.path)
            return DataError(what, where=where, remedy="write, copy or download it again")
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        return DataError(what, where=str(self.path), remedy="give the path of an ARPA file")
