"""Tables with typed columns (Parquet, JSON lines, ``datasets``) as rows of strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.column_guessing import choose_columns
from core.errors import DataError

ROWS = 10_000  # rows per batch
Names = Mapping[str, Sequence[str]]


class TypedColumns:
    """The columns of a table that are read.

    Args:
        schema: the columns that exist.
        names: column -> the names of its class numbers, from 0.
        text, label, where, labelled: see ``choose_columns``, which may raise.
    """

    def __init__(
        self, schema: pa.Schema, names: Names, text: str | None, label: str | None, where: str, labelled: bool
    ) -> None:
        self.schema, self.names = schema, names
        lists = {field.name: _is_string(field.type.value_type) for field in schema if _is_list(field.type)}
        flat = {field.name: _is_string(field.type) for field in schema if not pa.types.is_nested(field.type)}
        # the contract's name -> the column's, and which column was chosen out of several
        self.chosen, self.note = choose_columns(lists, flat, text, label, where, labelled)

    def batch(self, table: pa.Table, where: str) -> pa.RecordBatch:
        """Some rows under the contract's names, class names in place of class numbers.

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

    def _strings(self, column: pa.ChunkedArray, key: str, name: str, where: str) -> pa.Array:
        """A column as strings, or as lists of strings."""
        array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
        names = self.names.get(name)
        try:
            if not pa.types.is_nested(array.type):
                return _to_strings(array, names, key, where)
            lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
            offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
            values = _to_strings(pc.list_flatten(array), names, key, where)
            return pa.ListArray.from_arrays(pa.array(offsets), values)
        except pa.ArrowException as error:
            what = f"{key} cannot be read as strings ({error})"
            raise DataError(what, where=where, remedy="cast the column") from None


def _is_list(kind: pa.DataType) -> bool:
    """Whether each row of a column holds a list of plain values."""
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return is_list and not pa.types.is_nested(kind.value_type)


def _is_string(kind: pa.DataType) -> bool:
    """Whether a column's values are strings."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _to_strings(values: pa.Array, names: Sequence[str] | None, key: str, where: str) -> pa.Array:
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
        raise DataError("one label per token needs tokens", where=where, remedy="name the tokens with data.text=")
    tokens, labels = (pc.list_value_length(batch.column(key)).to_numpy() for key in ("tokens", "labels"))
    for row in np.flatnonzero(tokens != labels):
        what = f"{labels[row]} labels for {tokens[row]} tokens in row {row + 1} of these"
        raise DataError(what, where=where, remedy="give each token one label")
