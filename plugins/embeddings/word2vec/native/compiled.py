"""How the kernels are compiled, and a hash of their source code."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numba

OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz", "arcp"}}


def inner(function: Any) -> Any:
    """Compile a function that kernels call; it is cached on disk as part of them."""
    return numba.njit(**OPTIONS)(function)


@cache
def version() -> int:
    """A hash of the source code of the package ``word2vec``."""
    state = hashlib.blake2b(digest_size=7)
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        state.update(path.read_bytes())
    return int.from_bytes(state.digest(), "big")
