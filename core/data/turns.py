"""Processes that need the same entry of the cache take turns: one makes it, the others wait and find it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def turn(entry: Path) -> Iterator[None]:
    """Within this, no other process is within the same; where files cannot be locked, nothing waits.

    A process that is killed gives up its turn.

    Args:
        entry: what the processes make; the file ``.NAME.lock`` next to it is locked meanwhile.
    """
    path, descriptor = entry.with_name(f".{entry.name}.lock"), None
    try:
        descriptor = _locked(path)
    except (OSError, ImportError):  # a cache that cannot be written; Windows
        pass
    try:
        yield
    finally:
        if descriptor is not None:
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)


def _locked(path: Path) -> int:
    """The descriptor of a file, once this process has locked it; those who waited for a removed file try again."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
