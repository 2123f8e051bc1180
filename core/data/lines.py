"""The lines of a file of plain text, or of standard input."""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

from core.errors import DataError

LONGEST = 1 << 26  # characters of a line


def lines(name: str | None) -> Iterator[str]:
    """The lines of a UTF-8 text file (also ``.gz``, also with a BOM) or of standard input, without line ends.

    Raises:
        DataError: the file cannot be read, is not UTF-8, or has a line without end.
    """
    try:
        with _open(name) as file:
            while line := file.readline(LONGEST):
                if len(line) == LONGEST and line[-1] != "\n":
                    what = f"a line of more than {LONGEST:,} characters"
                    raise DataError(what, where=name or "standard input", remedy="is this a text file?")
                yield line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        remedy = "convert it, with iconv for instance"
        raise DataError("is not UTF-8", where=name or "standard input", remedy=remedy) from error
    except (OSError, EOFError, zlib.error) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise DataError(what, where=name or "standard input", remedy="name a text file") from error


def _open(name: str | None) -> AbstractContextManager[IO[str]]:
    import gzip

    if name is None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")
        return nullcontext(sys.stdin)
    if name.endswith(".gz"):
        return gzip.open(name, "rt", encoding="utf-8-sig", newline="\n")
    return Path(name).open(encoding="utf-8-sig", newline="\n")
