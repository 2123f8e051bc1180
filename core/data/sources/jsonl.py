"""JSON lines: one object per line (https://jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from core.data.sources.blocks import Block
from core.data.sources.formats import Format
from core.data.sources.typed_columns import TypedColumns
from core.errors import DataError

Object = dict[str, Any]
# raised for values that no column can hold
MISFITS = (ValueError, TypeError, OverflowError, RecursionError, pa.ArrowException)


class JSONLines(Format):
    """Each object as a row; which keys are read, and their types, is decided by the first block.

    Python's parser reads each line. Arrow's is faster, but crashes on some broken files.
    """

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The rows; a value must be of the type of those before."""
        columns: TypedColumns | None = None
        for block in blocks:
            objects = _objects(block)
            if not objects:
                continue
            if columns is None:
                where, schema = str(block.path), _schema(list(objects.values()))
                columns = TypedColumns(schema, {}, self.text, self.label, where, self.labelled)
            chosen = [columns.schema.field(name) for name in columns.chosen.values()]
            arrays = {field.name: _column(block, objects, field) for field in chosen}
            yield columns.batch(pa.table(arrays), f"{block.path}, lines from {block.line}")


def _objects(block: Block) -> dict[int, Object]:
    """Line (from 0) -> its object, parsed one by one: joined, two broken lines may make two objects."""
    decode, objects = json.JSONDecoder().decode, {}
    for i, line in enumerate(block.data.split(b"\n")):
        if not line.strip():
            continue
        try:
            row = decode(line.decode())
        except (ValueError, RecursionError) as error:
            raise _error(block, i, f"not JSON ({error})") from None
        if not isinstance(row, dict):
            raise _error(block, i, "not a JSON object")
        objects[i] = row
    return objects


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
            kind = pa.string()
        fields.append(pa.field(name, kind))
    return pa.schema(fields)


def _column(block: Block, objects: dict[int, Object], field: pa.Field) -> pa.Array:
    """The values of one key."""
    values = [row.get(field.name) for row in objects.values()]
    try:
        return pa.array(values, field.type)
    except MISFITS:
        for i, value in zip(objects, values, strict=True):
            try:
                pa.array([value], field.type)
            except MISFITS as error:
                what = f"the value of '{field.name}' is not of the type {field.type} ({error})"
                raise _error(block, i, what) from None
        raise _error(block, next(iter(objects)), f"the values of '{field.name}' are of several types") from None


def _error(block: Block, line: int, what: str) -> DataError:
    remedy = "write one object per line, the values of a key of one type throughout"
    return DataError(" ".join(what.split()), where=f"{block.path}:{block.line + line}", remedy=remedy)
