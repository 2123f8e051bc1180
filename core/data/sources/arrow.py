"""A ``datasets.DatasetDict``, in memory or saved in a folder, as a source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources import guess
from core.data.sources.contract import SPLITS, Source
from core.data.sources.folder import WORDS
from core.errors import DataError

ROWS = 10_000  # rows a batch


class DatasetDictSource(Source):
    """Rows of a ``datasets.DatasetDict``: texts with a label, or tokens with tags.

    Args:
        data: a ``DatasetDict``, a ``Dataset`` (which is ``train``), or a folder that ``save_to_disk`` wrote.
        text: the column of the text or of the tokens; none: guessed.
        label: the column of the label or of the tags; none: guessed.

    Raises:
        DataError: no split has a name that is known, or the folder cannot be loaded.
    """

    def __init__(self, data: Any, *, text: str | None = None, label: str | None = None) -> None:
        self.text, self.label = text, label
        self.name = str(data) if isinstance(data, (str, Path)) else type(data).__name__
        self.data = _splits(_load(data), self.name)
        self._notes: dict[str, None] = {}  # in order, each once
        self._offered: tuple[str, ...] | None = None

    def splits(self) -> tuple[str, ...]:
        """The splits that exist; one whose every label is unknown (-1) is not offered."""
        if self._offered is None:
            hidden = [split for split in self.data if split != "train" and self._unlabelled(split)]
            for split in hidden:
                self._notes[f"{split} has no labels (all are -1), so it is not offered"] = None
            self._offered = tuple(split for split in self.data if split not in hidden)
        return self._offered

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, class names in place of class numbers.

        Raises:
            DataError: a column is missing, has no label, or its rows do not fit the tokens.
        """
        if split not in self.splits():
            raise DataError(
                f"there is no {split} split", where=self.name, remedy=f"there are {', '.join(self.splits())}"
            )
        columns, rows = self._columns(split), 0
        features = self.data[split].features
        for table in self._tables(split, list(columns.values())):
            where = f"{self.name}, {split}, rows from {rows + 1}"
            batch = pa.RecordBatch.from_pydict(
                {key: _strings(table.column(c), features[c], key, where) for key, c in columns.items()}
            )
            _check_aligned(batch, where)
            rows += batch.num_rows
            yield batch
        if not rows:
            raise DataError("the split holds no row", where=f"{self.name}, {split}", remedy="leave it out")

    def fingerprint(self) -> str:
        """A hash of all rows as they are read."""
        digest = hashlib.blake2b(digest_size=16)
        for split in self.splits():
            digest.update(split.encode())
            for batch in self.batches(split):
                digest.update(batch.serialize())
        return digest.hexdigest()

    def notes(self) -> list[str]:
        """Which columns were chosen out of several, and which splits are not offered."""
        return list(self._notes)

    def _tables(self, split: str, columns: list[str]) -> Iterator[pa.Table]:
        """Some columns as Arrow tables."""
        data = self.data[split].select_columns(columns).with_format("arrow")
        tables: Iterator[pa.Table] = data.iter(batch_size=ROWS)
        return tables

    def _unlabelled(self, split: str) -> bool:
        """Whether every class label of a split is unknown."""
        column = self._columns(split).get("label")
        if column is None or not hasattr(self.data[split].features[column], "names"):
            return False
        unknown = (pc.all(pc.less(pc.fill_null(t.column(column), -1), 0)) for t in self._tables(split, [column]))
        return len(self.data[split]) > 0 and all(answer.as_py() for answer in unknown)

    def _columns(self, split: str) -> dict[str, str]:
        """Contract's name -> column's name."""
        features = self.data[split].features
        where = f"{self.name}, {split}"
        lists = [name for name, feature in features.items() if _is_list(feature)]
        flat = [name for name, feature in features.items() if _is_flat(feature)]
        text = self._text(features, lists, flat, where)
        is_tokens = text in lists
        same, usual = (lists, guess.TAGS) if is_tokens else (flat, guess.LABEL)
        others = [name for name in same if name != text]
        if self.label is None:
            label = guess.find_column(others, None, usual, "data.label", where)
            label = others[0] if label is None and len(others) == 1 else label
            if label is None and is_tokens:
                label = guess.find_column(flat, None, guess.LABEL, "data.label", where)
            elif is_tokens and len(others) > 1:
                rest = guess.listed([name for name in others if name != label])
                self._notes[f"labels are the column '{label}' (data.label= chooses another: {rest})"] = None
        else:
            label = guess.find_column([*lists, *flat], self.label, (), "data.label", where)
        found = {"tokens" if is_tokens else "text": text}
        return found if label is None else {**found, "labels" if label in lists else "label": label}

    def _text(self, features: Mapping[str, Any], lists: list[str], flat: list[str], where: str) -> str:
        """The column of the text or of the tokens."""
        if self.text is not None:
            return guess.find_column([*lists, *flat], self.text, (), "data.text", where) or ""
        spelled = [name for name in lists if _is_string(features[name].feature)]
        strings = [name for name in flat if _is_string(features[name]) and name != self.label]
        known = guess.find_column(spelled, None, guess.TOKENS, "data.text", where, taken=self.label)
        known = known or guess.find_column(strings, None, guess.TEXT, "data.text", where)
        for names in (strings, spelled):
            known = known or (names[0] if len(names) == 1 else None)
        if known is None:
            remedy = f"name it with data.text=, one of {guess.listed([*lists, *flat])}"
            raise DataError("which column is the text is not clear", where=where, remedy=remedy)
        return known


def _load(data: Any) -> Any:
    """The data set of a folder, or the object itself."""
    if not isinstance(data, (str, Path)):
        return data
    from datasets import load_from_disk

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
        raise DataError("this is no data that can be read", where=name, remedy=remedy)
    found: dict[str, Any] = {}
    for key, part in parts.items():
        split = WORDS.get(str(key).lower())
        if split in found:
            raise DataError(f"two candidates for {split}", where=name, remedy="take one out of the DatasetDict")
        if split is not None:
            found[split] = part
    if not found:
        have = guess.listed([str(key) for key in parts])
        raise DataError("no split is named train, dev or test", where=name, remedy=f"rename one of: {have}")
    return {split: found[split] for split in SPLITS if split in found}


def _is_list(feature: Any) -> bool:
    """Whether a column holds a list of values a row."""
    return not _is_flat(feature) and _is_flat(getattr(feature, "feature", None))


def _is_flat(feature: Any) -> bool:
    """Whether a column holds a value a row: a number, a string or a class."""
    return type(feature).__name__ in ("Value", "ClassLabel")  # by name: the package takes a second to import


def _is_string(feature: Any) -> bool:
    """Whether a column's values are strings."""
    return getattr(feature, "dtype", None) in ("string", "large_string", "string_view")


def _strings(column: pa.ChunkedArray, feature: Any, key: str, where: str) -> pa.Array:
    """A column as strings, or as lists of strings."""
    array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
    try:
        if not _is_list(feature):
            return _names(array, feature, key, where)
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        values = _names(pc.list_flatten(array), feature.feature, key, where)
        return pa.ListArray.from_arrays(pa.array(offsets), values)
    except pa.ArrowException as error:
        raise DataError(
            f"{key} cannot be read as strings ({error})", where=where, remedy="cast the column"
        ) from None


def _names(values: pa.Array, feature: Any, key: str, where: str) -> pa.Array:
    """Values as strings: a class by its name, a missing text as an empty one."""
    names = getattr(feature, "names", None)
    if names is not None:
        known = pc.and_(pc.greater_equal(values, 0), pc.less(values, len(names)))
        values = pa.array(names, pa.string()).take(pc.if_else(pc.fill_null(known, False), values, None))
    values = values.cast(pa.string())
    if key in ("text", "tokens"):
        return pc.fill_null(values, "")
    if values.null_count:
        remedy = "filter the rows without a label, or name another column with data.label="
        raise DataError(f"{values.null_count} missing labels", where=where, remedy=remedy)
    return values


def _check_aligned(batch: pa.RecordBatch, where: str) -> None:
    """Raise unless each row has as many labels as tokens."""
    if "labels" not in batch.schema.names:
        return
    if "tokens" not in batch.schema.names:
        raise DataError("labels a token need tokens", where=where, remedy="name the tokens with data.text=")
    lengths = [pc.list_value_length(batch.column(key)).to_numpy() for key in ("tokens", "labels")]
    wrong = np.flatnonzero(lengths[0] != lengths[1])
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{lengths[1][row]} labels for {lengths[0][row]} tokens in row {row + 1} of these",
            where=where,
            remedy="give each token one label",
        )
