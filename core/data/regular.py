"""Files that are opened only if they are plain files of a bounded size: no link, no device, no pipe.

The files of a run folder may come from anyone. A link may lead out of the folder, a pipe never ends, and a device
fills the memory.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer


class NotRegular(OSError):
    """Something that is not a plain file, or is too large."""


def open_regular(path: Path, limit: int | None = None) -> BufferedReader:
    """Open a plain file for reading.

    Args:
        path: the file.
        limit: the largest number of bytes that it may have.

    Raises:
        NotRegular: it is a link, a device, a pipe or a folder, or larger than ``limit``.
        OSError: it is missing, or cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDONLY | NO_LINK | NO_WAIT | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno == errno.ELOOP or path.is_symlink():
            raise NotRegular(errno.ELOOP, "it is a link, not a file", str(path)) from error
        raise
    file = os.fdopen(handle, "rb")
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegular(errno.EINVAL, "it is not a plain file", str(path))
        if limit is not None and status.st_size > limit:
            what = f"its {status.st_size:,} bytes are more than the {limit:,} that such a file may have"
            raise NotRegular(errno.EFBIG, what, str(path))
    except BaseException:
        file.close()
        raise
    return file


def read_text(path: Path, limit: int) -> str:
    """The text of a plain file in UTF-8; see ``open_regular``.

    Raises:
        NotRegular, OSError: see ``open_regular``.
        UnicodeDecodeError: it is not UTF-8.
    """
    with open_regular(path, limit) as file:
        return file.read(limit + 1).decode("utf-8")  # a file that grows is not read to its end


def check_tree(folder: Path) -> list[Path]:
    """The plain files below a folder, sorted, relative to it.

    Raises:
        NotRegular: something below it is neither a plain file nor a folder of its own.
        OSError: it cannot be read.
    """
    files: list[Path] = []
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    files.append(Path(entry.path).relative_to(folder))
                else:
                    what = "it is a link, not a file" if entry.is_symlink() else "it is not a plain file"
                    raise NotRegular(errno.EINVAL, what, entry.path)
    return sorted(files)
