"""Watch that nothing which stands in data is executed while a data set is read."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

EVENTS = {
    "pickle.find_class": "pickle",
    "os.system": "a shell",
    "os.exec": "a program",
    "os.posix_spawn": "a program",
    "subprocess.Popen": "a program",
}
_listening: list[list[str]] = []  # an audit hook stays for ever: one is added, and listens while this is not empty
_hooked = False


@contextmanager
def sealed() -> Iterator[list[str]]:
    """What was executed within the block: programs, pickles, and code that no installed module holds."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    _listening.append([])
    try:
        yield _listening[-1]
    finally:
        _listening.pop()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening:
        return
    if event in EVENTS:
        _listening[-1].append(f"{EVENTS[event]} ({event} {str(arguments[:2])[:100]})")
    elif event == "exec" and isinstance(arguments[0], CodeType) and not _installed(arguments[0]):
        _listening[-1].append(f"code ({arguments[0].co_filename})")


def _installed(code: CodeType) -> bool:
    """Whether code is a module's that Python finds by name, or made by a library, as dataclasses make theirs."""
    if code.co_filename.startswith("<"):
        frame = sys._getframe(2)  # who called exec or eval, below the hook
        return code.co_filename.startswith("<frozen") or _within(frame.f_code.co_filename, _libraries())
    return _within(code.co_filename, [*_libraries(), *sys.path])


def _libraries() -> list[str]:
    return [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]


def _within(file: str, folders: list[str]) -> bool:
    if file.startswith("<"):
        return True
    path = Path(file).absolute()
    return any(path.is_relative_to(Path(folder).absolute()) for folder in folders if folder)
