"""Tables with typed columns (Parquet, JSON lines, ``datasets``) as rows of strings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.sources.column_guessing import choose_columns
from core.data.sources.formats import DOCUMENT, MARKS
from core.data.sources.nested_columns import extract, is_list, leaves, relisted
from core.errors import DataError

ROWS = 10_000  # rows per batch
Names = Mapping[str, Sequence[str]]


class TypedColumns:
    """The columns of a table that are read; ``doc.body`` is the field ``body`` within the column ``doc``.

    Args:
        schema: the columns that exist.
        names: column -> the names of its class numbers, from 0.
        text, label, where, labelled: see ``choose_columns``, which may raise.
    """

    def __init__(
        self, schema: pa.Schema, names: Names, text: str | None, label: str | None, where: str, labelled: bool
    ) -> None:
        self.schema, self.names, self.leaves = schema, names, leaves(schema)
        self.skipped: Counter[str] = Counter()  # see ``Format.skipped``
        own = {name: leaf.kind for name, leaf in self.leaves.items() if len(leaf.path) == 1}
        within = [name for name in self.leaves if name not in own]  # read where they are asked for
        own |= {name: self.leaves[name].kind for name in within if name in (text, label)}
        lists = {name: _is_string(kind.value_type) for name, kind in own.items() if is_list(kind)}
        flat = {name: _is_string(kind) for name, kind in own.items() if not is_list(kind)}
        # the contract's name -> the column's, and which column was chosen out of several
        self.chosen, self.note = choose_columns(lists, flat, text, label, where, labelled, within=within)
        self.tops = list(dict.fromkeys(self.leaves[name].path[0] for name in self.chosen.values()))

    def batch(self, table: pa.Table, where: str) -> pa.RecordBatch:
        """Some rows under the contract's names, class names in place of class numbers; no document marks.

        Args:
            table: the columns that were chosen (``tops``), or more.
            where: the rows, for errors.

        Raises:
            DataError: a label is missing, or labels do not fit the tokens.
        """
        found = {key: self._strings(table, key, name, where) for key, name in self.chosen.items()}
        batch = pa.RecordBatch.from_pydict(found)
        return self._without_marks(batch) if "tokens" in found else batch

    def _without_marks(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows whose tokens are not a document mark alone."""
        tokens = batch.column("tokens")
        is_mark = pc.equal(tokens.flatten(), pa.scalar(DOCUMENT))
        if not pc.any(is_mark).as_py():
            return batch
        lengths = pc.list_value_length(tokens).to_numpy()
        counts = np.concatenate([[0], np.cumsum(to_numpy(is_mark))])[np.concatenate([[0], np.cumsum(lengths)])]
        marks = (lengths == 1) & (np.diff(counts) == 1)
        self.skipped[MARKS] += int(marks.sum())
        return batch.filter(to_arrow(~marks))

    def _strings(self, table: pa.Table, key: str, name: str, where: str) -> pa.Array:
        """A column as strings, or as lists of strings."""
        array, names = extract(table, self.leaves[name].path), self.names.get(name)
        try:
            if not pa.types.is_nested(array.type):
                return _to_strings(array, names, key, where)
            return relisted(array, _to_strings(pc.list_flatten(array), names, key, where))
        except pa.ArrowException as error:
            what = f"{key} cannot be read as strings ({error})"
            raise DataError(what, where=where, remedy="cast the column") from None


def _is_string(kind: pa.DataType) -> bool:
    """Whether a column's values are strings."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _to_strings(values: pa.Array, names: Sequence[str] | None, key: str, where: str) -> pa.Array:
    """Values as strings: a class by its name, a missing text as an empty one."""
    if names is not None and pa.types.is_integer(values.type):
        known = pc.and_(pc.greater_equal(values, 0), pc.less(values, len(names)))
        values = pa.array(names, pa.string()).take(pc.if_else(pc.fill_null(known, False), values, None))
    elif pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)  # pandas' missing value
    values = values.cast(pa.string())
    if key in ("text", "tokens"):
        return pc.fill_null(values, "")
    if values.null_count:
        remedy = "filter the rows without a label, or name another column with data.label="
        raise DataError(f"{values.null_count} missing labels", where=where, remedy=remedy)
    return values
