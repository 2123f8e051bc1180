"""Return freed memory to the system, and collect garbage at a cost that does not grow with the process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def release() -> None:
    """Return the freed memory that Arrow and the C library hold."""
    import psutil

    gc.collect()
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    if trim := getattr(psutil, "heap_trim", None):  # not with every C library
        trim()


@contextmanager
def own_garbage() -> Iterator[None]:
    """Collect the garbage of the block at its end, without a look at the objects that are there before.

    Those are some 200,000 once torch is imported, and a look at them takes as long as a small run. After the block
    they are collected as before. Where the caller has frozen objects, they stay frozen.
    """
    is_first = not gc.get_freeze_count()
    if is_first:
        gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        if is_first:
            gc.unfreeze()
