"""A ``datasets.DatasetDict``, in memory or saved in a folder, as a source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.base import SPLITS, Source, skipped_note
from core.data.sources.datasets_safety import check_saved
from core.data.sources.nested_columns import extract
from core.data.sources.split_discovery import WORDS
from core.data.sources.typed_columns import ROWS, TypedColumns
from core.errors import DataError
from core.types import Note


class DatasetDictSource(Source):
    """Rows of a ``datasets.DatasetDict``: texts with a label, or tokens with tags.

    Args:
        data: a ``DatasetDict``, a ``Dataset`` (which is ``train``), or a folder that ``save_to_disk`` wrote.
        text: the column of the text or of the tokens; none: guessed.
        label: the column of the label or of the tags; none: guessed.

    Raises:
        DataError: no split has a known name, or the folder cannot be loaded.
    """

    def __init__(self, data: Any, *, text: str | None = None, label: str | None = None) -> None:
        name = str(data) if isinstance(data, (str, Path)) else type(data).__name__
        self._read(name, _load(data), text, label)

    def _read(self, name: str, data: Any, text: str | None, label: str | None) -> None:
        """What every constructor does once the data set is loaded."""
        self.name, self.text, self.label = name, text, label
        self.data = _splits(data, name)
        self._notes: dict[Note, None] = {}  # in order, each once

    def splits(self) -> tuple[str, ...]:
        """The splits that exist; one whose every label is unknown (-1) is not offered."""
        return self._offered

    @cached_property
    def _offered(self) -> tuple[str, ...]:
        hidden = [split for split in self.data if split != "train" and self._unlabelled(split)]
        for split in hidden:
            sentence = f"{split} has no labels (all are -1), so it is not offered"
            self._notes[Note("source.unlabelled", sentence, {"split": split})] = None
        return tuple(split for split in self.data if split not in hidden)

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, class names in place of class numbers.

        Raises:
            DataError: a column is missing, has no label, or its rows do not fit the tokens.
        """
        if split not in self.splits():
            remedy = f"there are {', '.join(self.splits())}"
            raise DataError(f"there is no {split} split", where=self.name, remedy=remedy)
        columns, rows = self._columns(split), 0
        if columns.note:
            self._notes[columns.note] = None
        self.column_names = tuple(columns.leaves)
        for table in self._tables(split, columns.tops):
            batch = columns.batch(table, f"{self.name}, {split}, rows from {rows + 1}")
            rows += batch.num_rows
            yield batch
        for what, count in columns.skipped.items():
            self._notes[skipped_note(split, what, count)] = None
        if not rows:
            raise DataError("the split holds no row", where=f"{self.name}, {split}", remedy="leave it out")

    def fingerprint(self) -> str:
        """A hash of all rows as they are read."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for split in self.splits():
            digest.update(split.encode())
            for batch in self.batches(split):
                digest.update(batch.serialize())
        return digest.hexdigest()

    def notes(self) -> list[Note]:
        """Which columns were chosen out of several, and which splits are not offered."""
        return list(self._notes)

    def _columns(self, split: str) -> TypedColumns:
        """Which columns of a split are read."""
        features = self.data[split].features
        names = dict(_class_names(features, ()))
        return TypedColumns(features.arrow_schema, names, self.text, self.label, f"{self.name}, {split}", True)

    def _tables(self, split: str, columns: list[str]) -> Iterator[pa.Table]:
        """Some columns as Arrow tables."""
        data = self.data[split].select_columns(columns).with_format("arrow")
        yield from data.iter(batch_size=ROWS)

    def _unlabelled(self, split: str) -> bool:
        """Whether every class label of a split is unknown."""
        columns = self._columns(split)
        name = columns.chosen.get("label")
        if name is None or name not in columns.names:
            return False
        tables = (extract(table, columns.leaves[name].path) for table in self._tables(split, columns.tops))
        unknown = (pc.all(pc.less(pc.fill_null(labels, -1), 0)) for labels in tables)
        return len(self.data[split]) > 0 and all(answer.as_py() for answer in unknown)


def _class_names(feature: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Sequence[str]]]:
    """The names of classes in a feature: column, or field within one -> names."""
    if hasattr(feature, "names"):
        yield ".".join(path), feature.names
    elif isinstance(feature, Mapping):
        for name, inner in feature.items():
            yield from _class_names(inner, (*path, name))
    elif isinstance(feature, list) or hasattr(feature, "feature"):
        yield from _class_names(feature[0] if isinstance(feature, list) else feature.feature, path)


def _load(data: Any) -> Any:
    """The data set of a folder, or the object itself."""
    if not isinstance(data, (str, Path)):
        return data
    from datasets import load_from_disk

    check_saved(data)
    try:
        return load_from_disk(str(data))
    except Exception as error:  # the package raises what its parts raise: JSON, Arrow and key errors
        what = f"the saved data set cannot be loaded ({type(error).__name__}: {error})"
        raise DataError(what, where=str(data), remedy="save it again with save_to_disk") from error


def _splits(data: Any, name: str) -> dict[str, Any]:
    """The data set of each split, in the order of ``SPLITS``."""
    from datasets import Dataset

    parts = {"train": data} if isinstance(data, Dataset) else data
    if not isinstance(parts, Mapping) or not all(isinstance(part, Dataset) for part in parts.values()):
        remedy = "pass a path, a datasets.DatasetDict or a datasets.Dataset (not a streaming one)"
        raise DataError("this is not data that can be read", where=name, remedy=remedy)
    found: dict[str, Any] = {}
    for key, part in parts.items():
        split = WORDS.get(str(key).lower())
        if split in found:
            raise DataError(f"two candidates for {split}", where=name, remedy="take one out of the DatasetDict")
        if split is not None:
            found[split] = part
    if not found:
        remedy = f"rename one of: {', '.join(map(str, parts)) or 'none'}"
        raise DataError("no split is named train, dev or test", where=name, remedy=remedy)
    return {split: found[split] for split in SPLITS if split in found}
