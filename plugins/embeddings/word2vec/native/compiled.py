"""How the kernels are compiled, and a name for the code that they come from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numba

HOW = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz", "arcp"}}


def inner(function: Any) -> Any:
    """Compile a function that kernels call; it is kept on disk as a part of them."""
    return numba.njit(**HOW)(function)


@cache
def version() -> int:
    """A hash of the source text of the package ``word2vec``."""
    state = hashlib.blake2b(digest_size=7)
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        state.update(path.read_bytes())
    return int.from_bytes(state.digest(), "big")
