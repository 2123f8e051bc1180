"""Freed memory goes back to the system."""

from __future__ import annotations

import gc
import sys


def release() -> None:
    """Return freed memory to the system where Arrow or the C library would keep it for later."""
    import psutil

    gc.collect()
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    if trim := getattr(psutil, "heap_trim", None):  # not with every C library
        trim()
