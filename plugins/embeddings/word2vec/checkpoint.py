"""Checkpoints in the cache folder: of an interrupted training, and the output vectors of a finished one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.data import id_cache
from core.data.atomic import replace_folder, temporary_folder
from core.types import Array, Float32s
from plugins.embeddings.word2vec.tables import Tables


class Outputs(NamedTuple):
    """The output vectors that belong to word vectors.

    Args:
        rows: float32 (V, dim).
        basis: what the rows belong to; see ``Tables.basis``.
    """

    rows: Float32s
    basis: str


class Checkpoint:
    """A folder in the cache.

    Args:
        digest: the hash of everything that affects the vectors.
    """

    def __init__(self, digest: bytes) -> None:
        self.folder = id_cache.folder() / "word2vec" / digest.hex()

    def save(self, tables: Tables, progress: dict[str, Any]) -> None:
        """Save an interrupted training.

        Args:
            tables: the vectors and outputs.
            progress: see ``Report.progress``.

        Raises:
            OSError: the folder cannot be written.
        """
        self._write({"inputs": tables.inputs, "outputs": tables.outputs}, {"progress": progress})

    def finish(self, outputs: Outputs) -> None:
        """Save the outputs of a finished training, whose vectors are in ``vector_store``.

        Raises:
            OSError: the folder cannot be written.
        """
        self._write({"outputs": outputs.rows}, {"basis": outputs.basis})

    def restore(self, tables: Tables) -> dict[str, Any] | None:
        """Fill the tables from an interrupted training; returns its progress, None if there is none."""
        if (saved := self._read("inputs", "outputs")) is None or "progress" not in saved[1]:
            return None
        (inputs, outputs), meta = saved
        if inputs.shape != tables.inputs.shape or outputs.shape != tables.outputs.shape:
            return None
        tables.inputs[:], tables.outputs[:] = inputs, outputs
        progress: dict[str, Any] = meta["progress"]
        return progress

    def outputs(self) -> Outputs | None:
        """The outputs of a finished training, None if they are not saved."""
        if (saved := self._read("outputs")) is None or "basis" not in saved[1]:
            return None
        return Outputs(saved[0][0], saved[1]["basis"])

    def _write(self, arrays: dict[str, Float32s], meta: dict[str, Any]) -> None:
        """Write a new folder and rename it."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(self.folder.parent) as new:
            for name, array in arrays.items():
                np.save(new / f"{name}.npy", array, allow_pickle=False)
            (new / "state.json").write_text(json.dumps(meta), encoding="utf-8")
            replace_folder(new, self.folder)

    def _read(self, *names: str) -> tuple[list[Array], dict[str, Any]] | None:
        """Mapped arrays and their metadata; None if they are missing or truncated."""
        try:
            paths: list[Path] = [self.folder / f"{name}.npy" for name in names]
            arrays = [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths]
            meta = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, EOFError, RecursionError):
            return None
        is_sound = isinstance(meta, dict) and all(a.dtype == np.float32 and a.ndim == 2 for a in arrays)
        return (arrays, meta) if is_sound else None
