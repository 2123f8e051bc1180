"""Vectors that training continues from: those of a saved run or of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.regular import open_regular
from core.errors import ConfigError, StoreError
from core.runs import store
from core.types import Bools, Int64s
from plugins.embeddings import vector_file, vector_store
from plugins.embeddings.vector_store import Table
from plugins.embeddings.word2vec.outputs import Outputs, OutputStore
from plugins.embeddings.word2vec.progress import Trained
from plugins.embeddings.word2vec.tables import Tables

KEY = "embedding.word2vec.start"


@dataclass(frozen=True, eq=False)
class WarmStart:
    """Trained vectors.

    Args:
        table: words and vectors.
        outputs: their output vectors; None if they are not known: then they start as zeros.
    """

    table: Table
    outputs: Outputs | None

    @property
    def digest(self) -> str:
        """The hash of the vectors."""
        return self.table.digest.hex() + ("" if self.outputs is None else "+outputs")

    def check(self, dim: int) -> None:
        """Check the dimension.

        Raises:
            ConfigError: these vectors have another dimension.
        """
        if (own := self.table.vectors.shape[1]) != dim:
            what = f"the vectors have dimension {own}, but dim is {dim}"
            raise ConfigError(what, where=KEY, remedy=f"set embedding.word2vec.dim={own}")

    def initialise(self, tables: Tables) -> None:
        """Copy the vectors of known words into the tables, and their output vectors if they fit."""
        rows, dim = self.table.find(tables.words, "none"), tables.settings.dim
        known = np.flatnonzero(rows >= 0)
        tables.inputs[known, :dim] = self.table.vectors[rows[known]]
        if self.outputs is None or self.outputs.basis != tables.basis:
            return
        if tables.basis == "words":
            tables.outputs[known, :dim] = self.outputs.rows[rows[known]]
        else:  # the same words and the same tree: one row per node
            tables.outputs[: len(rows), :dim] = self.outputs.rows

    def knows(self, words: Sequence[str]) -> Bools:
        """Which words have a vector: bool (n,)."""
        return self.table.find(words, "none") >= 0


def join_tables(
    digest: bytes, words: list[str], trained: Trained, start: WarmStart | None
) -> tuple[Table, Outputs]:
    """The trained vectors, followed by the earlier vectors of words that are not in the text.

    Args:
        digest: the hash of everything that affects the vectors.
        words: the trained words (V).
        trained: the result of training.
        start: the vectors that training continued from.
    """
    own, vectors, outputs = pa.array(words, pa.large_string()), trained.vectors, trained.outputs
    if start is None:
        return Table(digest, own, vectors), Outputs(outputs, trained.basis)
    old = start.table
    own, rest = joined_words(own, start)
    if trained.basis == "words":
        before = np.zeros((len(rest), outputs.shape[1]), dtype=np.float32)
        if start.outputs is not None and start.outputs.basis == "words":
            before = start.outputs.rows[rest]
        outputs = np.concatenate([outputs, before])
    return Table(digest, own, np.concatenate([vectors, old.vectors[rest]])), Outputs(outputs, trained.basis)


def joined_words(words: Any, start: WarmStart) -> tuple[Any, Int64s]:
    """The trained words (V), then the others of ``start``, and the rows of these in its table: int64 (n,)."""
    old = start.table.words
    rest = np.flatnonzero(~pc.is_in(old, value_set=words).to_numpy(zero_copy_only=False))
    return pa.concat_arrays([words, old.take(pa.array(rest))]), rest


def find(name: str) -> WarmStart:
    """The vectors of a file or of a saved run.

    Args:
        name: a file of vectors, the folder of a run, or its id or name in the folder ``runs``.

    Raises:
        StoreError: there is neither, or the vectors of the run are not stored any more.
        DataError: the file is damaged.
    """
    path = Path(name).expanduser()
    if path.is_file():
        with vector_file.reading(path):
            digest = vector_store.digest_of(path, None)
        return WarmStart(
            vector_store.load(digest) or Table(digest, *vector_file.read(vector_file.look(path))), None
        )
    if (run := _digest_of_run(name)) is None:
        what = f"'{name}' is neither a file of vectors nor a saved run with vectors"
        raise StoreError(what, where=KEY, remedy="give a file, the folder of a run, or a run in the folder runs")
    if (table := vector_store.load(run)) is None:
        what = f"the vectors of run '{name}' are not in {vector_store.folder()} any more"
        raise StoreError(what, where=KEY, remedy="train that run again with fresh=true")
    return WarmStart(table, _outputs(run, table))


def _outputs(run: bytes, table: Table) -> Outputs | None:
    """The outputs that belong to a table, None if they are not saved or do not fit it."""
    outputs = OutputStore(run).load()
    fits = outputs is not None and outputs.rows.shape[1] == table.vectors.shape[1]
    return outputs if fits and len(outputs.rows) <= len(table.words) else None  # type: ignore[union-attr] # not None


def fingerprint(name: str) -> str | None:
    """The content hash of the vectors that ``find`` returns, None if there are none."""
    path = Path(name).expanduser()
    digest = vector_store.digest_of(path, None) if path.is_file() else _digest_of_run(name)
    return None if digest is None else digest.hex()


def _digest_of_run(name: str) -> bytes | None:
    """The hash of the table of a saved run, None if there is no such run or table."""
    from safetensors import SafetensorError, safe_open

    from core.neural.model import FILE

    try:
        path = store.find(Path("runs"), name) / FILE
        open_regular(path).close()
        with safe_open(path, framework="numpy") as weights:
            keys = sorted(key for key in weights.keys() if key.endswith(".digest"))  # noqa: SIM118 # no dictionary
            keys.sort(key=lambda key: not key.endswith("word2vec.digest"))
            digest: bytes | None = weights.get_tensor(keys[0]).tobytes() if keys else None
    except (StoreError, OSError, SafetensorError):
        return None
    return digest
