"""Typed tables (Parquet, JSON lines, ``datasets``): which column is the text, which the label."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.column_guessing import LABEL, TAGS, TEXT, TOKENS, find_column, listed
from core.errors import DataError

ROWS = 10_000  # rows a batch
Names = Mapping[str, Sequence[str]]


class Columns:
    """The columns of a table that are read.

    Args:
        schema: what there is.
        names: column -> what its class numbers (from 0) stand for.
        text: the column of the text or of the tokens; None: guessed.
        label: the column of the label or of the tags; None: guessed.
        where: the table, for errors.

    Raises:
        DataError: a column that was asked for is not there, or which is the text is not clear.
    """

    def __init__(self, schema: pa.Schema, names: Names, text: str | None, label: str | None, where: str) -> None:
        self.schema, self.names, self.wanted, self.where = schema, names, (text, label), where
        self.note = ""  # which column was chosen out of several
        lists = [field.name for field in schema if _is_list(field.type)]
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        self.chosen = self._choose(lists, flat)

    def batch(self, table: pa.Table, where: str) -> pa.RecordBatch:
        """Some rows as the contract wants them, class names in place of class numbers.

        Args:
            table: the columns that were chosen, or more.
            where: the rows, for errors.

        Raises:
            DataError: a label is missing, or labels do not fit the tokens.
        """
        found = {key: self._strings(table.column(name), key, name, where) for key, name in self.chosen.items()}
        batch = pa.RecordBatch.from_pydict(found)
        _check_aligned(batch, where)
        return batch

    def _choose(self, lists: list[str], flat: list[str]) -> dict[str, str]:
        """Contract's name -> column's name."""
        text = self._text(lists, flat)
        wanted, is_tokens = self.wanted[1], text in lists
        same, usual = (lists, TAGS) if is_tokens else (flat, LABEL)
        others = [name for name in same if name != text]
        if wanted is None:
            label = find_column(others, None, usual, "data.label", self.where)
            label = others[0] if label is None and len(others) == 1 else label
            if label is None and is_tokens:
                label = find_column(flat, None, LABEL, "data.label", self.where)
            elif is_tokens and len(others) > 1:
                rest = listed([name for name in others if name != label])
                self.note = f"labels are the column '{label}' (data.label= chooses another: {rest})"
        else:
            label = find_column([*lists, *flat], wanted, (), "data.label", self.where)
        found = {"tokens" if is_tokens else "text": text}
        return found if label is None else {**found, "labels" if label in lists else "label": label}

    def _text(self, lists: list[str], flat: list[str]) -> str:
        """The column of the text or of the tokens."""
        wanted, label = self.wanted
        if wanted is not None:
            return find_column([*lists, *flat], wanted, (), "data.text", self.where) or ""
        spelled = [name for name in lists if _is_string(self.schema.field(name).type.value_type)]
        strings = [name for name in flat if _is_string(self.schema.field(name).type) and name != label]
        known = find_column(spelled, None, TOKENS, "data.text", self.where, taken=label)
        known = known or find_column(strings, None, TEXT, "data.text", self.where)
        for names in (strings, spelled):
            known = known or (names[0] if len(names) == 1 else None)
        if known is None:
            remedy = f"name it with data.text=, one of {listed([*lists, *flat])}"
            raise DataError("which column is the text is not clear", where=self.where, remedy=remedy)
        return known

    def _strings(self, column: pa.ChunkedArray, key: str, name: str, where: str) -> pa.Array:
        """A column as strings, or as lists of strings."""
        array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
        names = self.names.get(name)
        try:
            if not _is_list(array.type):
                return _spelled(array, names, key, where)
            lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
            offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
            values = _spelled(pc.list_flatten(array), names, key, where)
            return pa.ListArray.from_arrays(pa.array(offsets), values)
        except pa.ArrowException as error:
            what = f"{key} cannot be read as strings ({error})"
            raise DataError(what, where=where, remedy="cast the column") from None


def read_parquet(path: Path, text: str | None, label: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file; names of classes that ``datasets`` kept in it are used.

    Args:
        path: the file.
        text: see ``Columns``.
        label: see ``Columns``.

    Raises:
        DataError: the file cannot be read as Parquet, or see ``Columns``.
    """
    import pyarrow.parquet as pq

    rows = 0
    try:
        with pq.ParquetFile(path) as file:
            columns = Columns(file.schema_arrow, class_names(file.schema_arrow), text, label, str(path))
            for part in file.iter_batches(batch_size=ROWS, columns=list(columns.chosen.values())):
                where = f"{path}, rows from {rows + 1}"
                batch = columns.batch(pa.Table.from_batches([part]), where)
                batch.validate(full=True)  # strings that are no UTF-8
                yield batch
                rows += part.num_rows
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        what = f"the file cannot be read as Parquet ({' '.join(str(error).split())})"
        raise DataError(what, where=str(path), remedy="fetch it again, or write it anew") from None


def class_names(schema: pa.Schema) -> Names:
    """What ``datasets`` says in a file's schema about the names of classes: column -> names."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        inner = {name: feature.get("feature", feature) for name, feature in features.items()}
        return {name: feature["names"] for name, feature in inner.items() if feature.get("_type") == "ClassLabel"}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def _is_list(kind: pa.DataType) -> bool:
    """Whether a column holds a list of plain values a row."""
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return listed and not pa.types.is_nested(kind.value_type)


def _is_string(kind: pa.DataType) -> bool:
    """Whether a column's values are strings."""
    if pa.types.is_dictionary(kind):
        return _is_string(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _spelled(values: pa.Array, names: Sequence[str] | None, key: str, where: str) -> pa.Array:
    """Values as strings: a class by its name, a missing text as an empty one."""
    if names is not None and pa.types.is_integer(values.type):
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
