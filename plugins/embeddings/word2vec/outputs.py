"""The output vectors of finished trainings in the cache folder, from which a later training may start."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np

from core.data import id_cache
from core.data.atomic import replace_folder, temporary_folder
from core.types import Float32s


class Outputs(NamedTuple):
    """The output vectors that belong to word vectors.

    Args:
        rows: float32 (V, dim).
        basis: what the rows belong to; see ``Tables.basis``.
    """

    rows: Float32s
    basis: str


class OutputStore:
    """A folder in the cache.

    Args:
        digest: the hash of everything that affects the vectors.
    """

    def __init__(self, digest: bytes) -> None:
        self.folder = id_cache.folder() / "word2vec" / digest.hex()

    def save(self, outputs: Outputs) -> None:
        """Save the outputs of a finished training, whose vectors are in ``vector_store``.

        Raises:
            OSError: the folder cannot be written.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(self.folder.parent) as new:
            np.save(new / "outputs.npy", outputs.rows, allow_pickle=False)
            (new / "state.json").write_text(json.dumps({"basis": outputs.basis}), encoding="utf-8")
            replace_folder(new, self.folder)

    def load(self) -> Outputs | None:
        """The outputs, mapped; None if they are missing or truncated."""
        try:
            rows = np.load(self.folder / "outputs.npy", mmap_mode="r", allow_pickle=False)
            meta = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, EOFError, RecursionError):
            return None
        is_sound = isinstance(meta, dict) and "basis" in meta and rows.dtype == np.float32 and rows.ndim == 2
        return Outputs(rows, meta["basis"]) if is_sound else None
