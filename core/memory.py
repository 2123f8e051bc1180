"""Whether an exception means that memory has run out, and how much there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator

NEEDED = 1_500_000_000  # bytes of address space with which NumPy, Arrow, numba and torch load
KINDS = (MemoryError, RuntimeError, OSError, ImportError, SystemError)
SIGNS = (  # in the messages of the libraries, in lower case; they have no other mark
    "allocate memory",
    "not enough memory",
    "out of memory",
    "failed to map segment",
    "bad_alloc",
    "alloc_failed",
    "can't start new thread",
)
GB = 1e9


def is_exhausted(error: BaseException | None) -> bool:
    """Whether an exception, or what it was raised from, means that memory has run out.

    NumPy, Arrow and numba raise a ``MemoryError``; torch, the loader of libraries and threads raise others.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            return True
        if (
            isinstance(error, SystemError) and (limit() or NEEDED) < NEEDED
        ):  # from C code that lacks the memory to say so
            return True
        if isinstance(error, KINDS) and any(sign in str(error).lower() for sign in SIGNS):
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def limit() -> int | None:
    """The largest address space of this process in bytes (``ulimit -v``), None without a limit."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def amounts() -> str:
    """How much memory there is, as text; empty where that cannot be found out."""
    try:
        return ", ".join(_amounts())
    except Exception:  # there is no memory for this either
        return f"at most {most / GB:.1f} GB (ulimit -v)" if (most := limit()) else ""


def _amounts() -> Iterator[str]:
    import psutil

    if most := limit():
        used = psutil.Process().memory_info().vms
        yield f"{used / GB:.1f} GB of at most {most / GB:.1f} GB (ulimit -v) are used"
    memory = psutil.virtual_memory()
    yield f"{memory.available / GB:.1f} GB of {memory.total / GB:.1f} GB are free"
    if (torch := sys.modules.get("torch")) and torch.cuda.is_available() and torch.cuda.is_initialized():
        free, total = torch.cuda.mem_get_info()
        yield f"{free / GB:.1f} GB of {total / GB:.1f} GB on the GPU"
