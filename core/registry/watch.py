"""Name the plugin that takes long to load, and undo what loading it must not change."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import IO

from core.printable import one_line

SLOW = 5.0  # seconds after which a plugin that is still loading is named


class Printed(io.StringIO):
    """What a plugin prints while it loads, also if it closes the stream."""

    def close(self) -> None:
        """Do nothing."""


@contextmanager
def isolated(what: str, remedy: str) -> Iterator[Printed]:
    """Within this a plugin loads: it is ``watched``, its output is collected, and the process stays as it was."""
    printed = Printed()
    with watched(what, remedy), unchanged_process(), redirect_stdout(printed), redirect_stderr(printed):
        yield printed


@contextmanager
def watched(what: str, remedy: str) -> Iterator[None]:
    """Within this something loads; after five seconds a line on standard error names it, and so does Ctrl-C.

    Args:
        what: what loads, with its source.
        remedy: how to do without it.
    """
    text = f"note: {what} has been loading for {SLOW:g} s; Ctrl-C stops it; {remedy}"
    timer = threading.Timer(SLOW, _print, (text, sys.stderr))
    timer.daemon = True
    with suppress(RuntimeError):  # no memory for a thread
        timer.start()
    try:
        yield
    except KeyboardInterrupt as error:
        error.add_note(f"while {what} was loading; {remedy}")
        raise
    finally:
        timer.cancel()


def _print(text: str, stream: IO[str]) -> None:
    with suppress(OSError, ValueError):  # it is closed
        print(one_line(text), file=stream, flush=True)


@contextmanager
def unchanged_process() -> Iterator[None]:
    """After this the working directory, the handlers of signals and the recursion limit are as before."""
    numbers = [
        getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE") if hasattr(signal, name)
    ]
    is_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in numbers if is_main}
    limit = sys.getrecursionlimit()
    try:
        folder: str | None = os.getcwd()
    except OSError:  # it was removed
        folder = None
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)  # first: what follows may be deeper than the new limit
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        if folder is not None:
            with suppress(OSError):
                os.chdir(folder)
