"""JSON lines: an object a line (https://jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from core.data.sources.blocks import Block
from core.data.sources.records import Columns
from core.errors import DataError

Objects = list[dict[str, Any]]
BAD = (
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    pa.ArrowException,
)  # of values that no column can hold


def read(blocks: Iterator[Block], *, text: str | None, label: str | None) -> Iterator[pa.RecordBatch]:
    """The objects as rows; which keys are read, and their types, is decided by the first block.

    Python's parser reads each line; that of Arrow is quicker, and crashes on some broken files.

    Args:
        blocks: whole lines.
        text: the key of the text or of the tokens; None: guessed.
        label: the key of the label or of the tags; None: guessed.

    Returns:
        Batches with ``text`` or ``tokens`` and, where there is one, ``label`` or ``labels``.

    Raises:
        DataError: a line is no JSON object, or a value is of another type than those before.
    """
    columns: Columns | None = None
    for block in blocks:
        lines = [(i, line) for i, line in enumerate(block.data.split(b"\n")) if line.strip()]
        if not lines:
            continue
        places, objects = [i for i, _ in lines], _objects(block, lines)
        if columns is None:
            columns = Columns(_schema(objects), {}, text, label, str(block.path))
        chosen = [columns.schema.field(name) for name in columns.chosen.values()]
        arrays = {field.name: _column(block, places, objects, field) for field in chosen}
        yield columns.batch(pa.table(arrays), f"{block.path}, lines from {block.line}")


def _objects(block: Block, lines: list[tuple[int, bytes]]) -> Objects:
    """What stands in the lines, each read alone: joined, two broken ones may make two objects."""
    decode, found = json.JSONDecoder().decode, []
    for i, line in lines:
        try:
            row = decode(line.decode())
        except (ValueError, RecursionError) as error:
            raise _error(block, i, f"no JSON ({error})") from None
        if not isinstance(row, dict):
            raise _error(block, i, "no JSON object")
        found.append(row)
    return found


def _schema(objects: Objects) -> pa.Schema:
    """The keys and the types of their values; where these are mixed, reading them says so."""
    fields = []
    for name in dict.fromkeys(name for row in objects for name in row):
        if name.encode("utf-8", "ignore").decode() != name:  # half a surrogate pair: no column is called so
            continue
        try:
            kind = pa.array([row.get(name) for row in objects]).type
            nothing = pa.types.is_null(kind) or (pa.types.is_list(kind) and pa.types.is_null(kind.value_type))
            kind = (pa.list_(pa.string()) if pa.types.is_list(kind) else pa.string()) if nothing else kind
        except BAD:
            kind = pa.string()
        fields.append(pa.field(name, kind))
    return pa.schema(fields)


def _column(block: Block, places: list[int], objects: Objects, field: pa.Field) -> pa.Array:
    """The values of one key."""
    values = [row.get(field.name) for row in objects]
    try:
        return pa.array(values, field.type)
    except BAD:
        for place, value in zip(places, values, strict=True):
            try:
                pa.array([value], field.type)
            except BAD as error:
                what = f"the value of '{field.name}' is not of the type {field.type} ({error})"
                raise _error(block, place, what) from None
        raise _error(block, places[0], f"the values of '{field.name}' are of several types") from None


def _error(block: Block, place: int, what: str) -> DataError:
    remedy = "write one object a line, the values of a key of one type throughout"
    return DataError(" ".join(what.split()), where=f"{block.path}:{block.line + place}", remedy=remedy)
