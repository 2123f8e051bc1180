"""Tables with typed columns (Parquet, JSON lines, ``datasets``): which column is the text, which the label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.column_guessing import LABEL, TAGS, TEXT, TOKENS, find_column, listed, unclear_text
from core.errors import DataError
from core.types import Note

ROWS = 10_000  # rows per batch
Names = Mapping[str, Sequence[str]]


class TypedColumns:
    """The columns of a table that are read.

    Args:
        schema: the columns that exist.
        names: column -> the names of its class numbers, from 0.
        text: the column of the text or of the tokens; None: guessed.
        label: the column of the label or of the labels; None: guessed.
        where: the table, for errors.
        labelled: whether labels are read.

    Raises:
        DataError: a column that was asked for does not exist, or which one is the text is not clear.
    """

    def __init__(
        self,
        schema: pa.Schema,
        names: Names,
        text: str | None,
        label: str | None,
        where: str,
        labelled: bool = True,
    ) -> None:
        self.schema, self.names, self.where = schema, names, where
        self.note: Note | None = None  # which column was chosen out of several
        lists = [field.name for field in schema if _is_list(field.type)]
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        text = self._text(lists, flat, text, label)
        label = self._label(lists, flat, text, label) if labelled else None
        self.chosen = {"tokens" if text in lists else "text": text}  # the contract's name -> the column's
        if label is not None:
            self.chosen["labels" if label in lists else "label"] = label

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

    def _label(self, lists: list[str], flat: list[str], text: str, wanted: str | None) -> str | None:
        """The column of the label or of the labels; None where there is none."""
        if wanted is not None:
            return find_column([*lists, *flat], wanted, (), "label", self.where)
        same, usual = (lists, TAGS) if text in lists else (flat, LABEL)
        others = [name for name in same if name != text]
        label = find_column(others, None, usual, "label", self.where)
        label = others[0] if label is None and len(others) == 1 else label
        if label is None and text in lists:
            label = find_column(flat, None, LABEL, "label", self.where)
        elif text in lists and len(others) > 1:
            rest = [name for name in others if name != label]
            sentence = f"labels are the column '{label}' (data.label= chooses another: {listed(rest)})"
            self.note = Note("source.column", sentence, {"label": label, "others": rest})
        return label

    def _text(self, lists: list[str], flat: list[str], wanted: str | None, label: str | None) -> str:
        """The column of the text or of the tokens."""
        if wanted is not None:
            return find_column([*lists, *flat], wanted, (), "text", self.where) or ""
        list_strings = [name for name in lists if _is_string(self.schema.field(name).type.value_type)]
        strings = [name for name in flat if _is_string(self.schema.field(name).type) and name != label]
        known = find_column(list_strings, None, TOKENS, "text", self.where, taken=label)
        known = known or find_column(strings, None, TEXT, "text", self.where)
        for names in (strings, list_strings):
            known = known or (names[0] if len(names) == 1 else None)
        if known is None:
            raise unclear_text([*lists, *flat], self.where)
        return known

    def _strings(self, column: pa.ChunkedArray, key: str, name: str, where: str) -> pa.Array:
        """A column as strings, or as lists of strings."""
        array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
        names = self.names.get(name)
        try:
            if not _is_list(array.type):
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
    if pa.types.is_dictionary(kind):
        return _is_string(kind.value_type)
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
        remedy = "name the tokens with data.text="
        raise DataError("one label per token needs tokens", where=where, remedy=remedy)
    lengths = [pc.list_value_length(batch.column(key)).to_numpy() for key in ("tokens", "labels")]
    wrong = np.flatnonzero(lengths[0] != lengths[1])
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{lengths[1][row]} labels for {lengths[0][row]} tokens in row {row + 1} of these",
            where=where,
            remedy="give each token one label",
        )
