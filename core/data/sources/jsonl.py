"""JSON lines: one object per line (https://jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from core.data.sources.blocks import Block
from core.data.sources.formats import Format
from core.data.sources.json_document import is_document, read_document, reason
from core.data.sources.nested_columns import dig
from core.data.sources.typed_columns import TypedColumns
from core.errors import DataError

Object = dict[str, Any]
# raised for values that no column can hold
MISFITS = (ValueError, TypeError, OverflowError, RecursionError, pa.ArrowException)


class Objects(NamedTuple):
    """Some rows of a file.

    Args:
        path: the file.
        first: the number of its first line; None for the rows of a document.
        rows: line, or row of a document, from 0 -> its object.
    """

    path: Path
    first: int | None
    rows: dict[int, Object]

    def place(self, i: int) -> str:
        """The place of a row."""
        return f"{self.path}, row {i + 1}" if self.first is None else f"{self.path}:{self.first + i}"

    def error(self, i: int, what: str) -> DataError:
        """The error of a row."""
        remedy = "write one object per line, the values of a key of one type throughout"
        return DataError(" ".join(what.split()), where=self.place(i), remedy=remedy)


class JSONLines(Format):
    """Each object as a row; which keys are read, and their types, is decided by the first block.

    A file that is one array of objects is read as a whole (see ``json_document``). Python's parser reads each
    line. Arrow's is faster, but crashes on some broken files.
    """

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The rows; a value must be of the type of those before."""
        columns: TypedColumns | None = None
        nested: list[str] = []
        for objects in self._objects(blocks):
            if columns is None:
                nested = [name for name in (self.text, self.label) if name and _is_nested(name, objects)]
            for name in nested:
                for row in objects.rows.values():
                    row[name] = dig(row, name)
            if columns is None:
                where, schema = str(objects.path), _schema(list(objects.rows.values()))
                columns = TypedColumns(schema, {}, self.text, self.label, where, self.labelled)
                self.column_names, columns.skipped = tuple(columns.leaves), self.skipped
            chosen = [columns.schema.field(name) for name in columns.tops]
            arrays = {field.name: _column(objects, field) for field in chosen}
            rows = "rows from 1" if objects.first is None else f"lines from {objects.first}"
            yield columns.batch(pa.table(arrays), f"{objects.path}, {rows}")

    def _objects(self, blocks: Iterator[Block]) -> Iterator[Objects]:
        """The rows of each block that has some, or of the whole document."""
        for block in blocks:
            if block.line == 1 and is_document(block.data, self.text):
                objects = Objects(block.path, None, dict(enumerate(read_document(block, blocks, self.text))))
                for i, row in objects.rows.items():
                    if not isinstance(row, dict):
                        raise objects.error(i, "not a JSON object")
            else:
                objects = _lines(block)
            if objects.rows:
                yield objects


def _lines(block: Block) -> Objects:
    """One object per line, parsed one by one: joined, two broken lines may make two objects."""
    decode, objects = json.JSONDecoder().decode, Objects(block.path, block.line, {})
    for i, line in enumerate(block.data.split(b"\n")):
        if not line.strip():
            continue
        try:
            row = decode(line.decode())
        except (ValueError, RecursionError) as error:
            raise objects.error(i, f"not JSON ({reason(error)})") from None
        if not isinstance(row, dict):
            raise objects.error(i, "not a JSON object")
        objects.rows[i] = row
    return objects


def _is_nested(name: str, objects: Objects) -> bool:
    """Whether a dotted name means values within other values; a key of that name wins."""
    rows = objects.rows.values()
    return "." in name and not any(name in row for row in rows) and any(dig(row, name) is not None for row in rows)


def _schema(objects: list[Object]) -> pa.Schema:
    """The keys and the types of their values; where these are mixed, ``_column`` reports it."""
    fields = []
    for name in dict.fromkeys(name for row in objects for name in row):
        if name.encode("utf-8", "ignore").decode() != name:  # half a surrogate pair cannot name a column
            continue
        try:
            kind = pa.array([row.get(name) for row in objects]).type
            empty = pa.types.is_null(kind) or (pa.types.is_list(kind) and pa.types.is_null(kind.value_type))
            kind = (pa.list_(pa.string()) if pa.types.is_list(kind) else pa.string()) if empty else kind
        except MISFITS:
            some = next(row[name] for row in objects if row.get(name) is not None)
            kind = pa.list_(pa.string()) if isinstance(some, list) else pa.string()
        fields.append(pa.field(name, kind))
    return pa.schema(fields)


def _column(objects: Objects, field: pa.Field) -> pa.Array:
    """The values of one key."""
    values = [row.get(field.name) for row in objects.rows.values()]
    try:
        return pa.array(values, field.type)
    except MISFITS:
        for i, value in zip(objects.rows, values, strict=True):
            try:
                pa.array([value], field.type)
            except MISFITS as error:
                what = f"the value of '{field.name}' is not of the type {field.type} ({error})"
                raise objects.error(i, what) from None
        what = f"the values of '{field.name}' are of several types"
        raise objects.error(next(iter(objects.rows)), what) from None
