"""What training goes on from, in the cache folder: where it was interrupted, and the outputs of what it gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.data import id_cache
from core.data.atomic import replace_folder, temporary_folder
from plugins.embeddings.word2vec.tables import Floats, Tables


class Outputs(NamedTuple):
    """The outputs that belong to vectors.

    Args:
        rows: float32 (V, dim).
        basis: what they stand for; see ``Tables.basis``.
    """

    rows: Floats
    basis: str


class Checkpoint:
    """A folder of the cache, by the hash of all that decides the vectors.

    Args:
        digest: the hash.
    """

    def __init__(self, digest: bytes) -> None:
        self.folder = id_cache.folder() / "word2vec" / digest.hex()

    def keep(self, tables: Tables, place: dict[str, Any]) -> None:
        """Keep an interrupted training.

        Args:
            tables: the vectors and outputs.
            place: how far it is; see ``Report.place``.

        Raises:
            OSError: the folder cannot be written.
        """
        self._write({"inputs": tables.inputs, "outputs": tables.outputs}, {"place": place})

    def finish(self, outputs: Outputs) -> None:
        """Keep the outputs of a finished training, whose vectors are kept with all others.

        Raises:
            OSError: the folder cannot be written.
        """
        self._write({"outputs": outputs.rows}, {"basis": outputs.basis})

    def take(self, tables: Tables) -> dict[str, Any] | None:
        """Fill the tables with those of an interrupted training; returns its place, None where there is none."""
        if (found := self._read("inputs", "outputs")) is None or "place" not in found[1]:
            return None
        (inputs, outputs), said = found
        if inputs.shape != tables.inputs.shape or outputs.shape != tables.outputs.shape:
            return None
        tables.inputs[:], tables.outputs[:] = inputs, outputs
        place: dict[str, Any] = said["place"]
        return place

    def outputs(self) -> Outputs | None:
        """The outputs of a finished training, None where they are not kept."""
        if (found := self._read("outputs")) is None or "basis" not in found[1]:
            return None
        return Outputs(found[0][0], found[1]["basis"])

    def _write(self, arrays: dict[str, Floats], said: dict[str, Any]) -> None:
        """Write it beside its place and rename it."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(self.folder.parent) as made:
            for name, array in arrays.items():
                np.save(made / f"{name}.npy", array, allow_pickle=False)
            (made / "state.json").write_text(json.dumps(said), encoding="utf-8")
            replace_folder(made, self.folder)

    def _read(self, *names: str) -> tuple[list[npt.NDArray[Any]], dict[str, Any]] | None:
        """Arrays, mapped, and what is said of them; None where they are not there, or were cut short."""
        try:
            paths: list[Path] = [self.folder / f"{name}.npy" for name in names]
            arrays = [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths]
            said = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, EOFError):
            return None
        return arrays, said
