"""Return freed memory to the system."""

from __future__ import annotations

import gc
import sys


def release() -> None:
    """Return the freed memory that Arrow and the C library hold."""
    import psutil

    gc.collect()
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    if trim := getattr(psutil, "heap_trim", None):  # not with every C library
        trim()
