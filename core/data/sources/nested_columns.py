"""Values within columns: ``doc.body`` is the field ``body`` of the structs in ``doc``, or of the lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class Leaf(NamedTuple):
    """A column, or a field within one, that can be read.

    Args:
        path: the column, then the field of each struct.
        kind: the type of a row's value: a plain value or a list of them.
    """

    path: tuple[str, ...]
    kind: pa.DataType


def leaves(schema: pa.Schema) -> dict[str, Leaf]:
    """Dotted name -> what can be read under it; a column whose own name has a dot wins over a field."""
    found: dict[str, Leaf] = {}
    for field in schema:
        for name, leaf in _walk(field.name, (field.name,), field.type, False):
            if name not in found or len(leaf.path) == 1:
                found[name] = leaf
    return found


def _walk(name: str, path: tuple[str, ...], kind: pa.DataType, in_list: bool) -> Iterator[tuple[str, Leaf]]:
    """The leaves of a column or a field."""
    if pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            child = kind.field(i)
            yield from _walk(f"{name}.{child.name}", (*path, child.name), child.type, in_list)
    elif is_list(kind) and pa.types.is_struct(kind.value_type) and not in_list:
        yield from _walk(name, path, kind.value_type, True)
    elif not pa.types.is_nested(kind):
        yield name, Leaf(path, pa.list_(kind) if in_list else kind)
    elif is_list(kind) and not pa.types.is_nested(kind.value_type) and not in_list:
        yield name, Leaf(path, kind)


def is_list(kind: pa.DataType) -> bool:
    """Whether each row of a column holds a list."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def extract(table: pa.Table, path: tuple[str, ...]) -> pa.Array:
    """The values of a leaf; a null on the way is a null, or within a list an empty list."""
    column = table.column(path[0])
    array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
    for name in path[1:]:
        if is_list(array.type):
            array = relisted(array, pc.struct_field(pc.list_flatten(array), name))
        else:
            array = pc.struct_field(array, name)
    return array


def relisted(lists: pa.Array, values: pa.Array) -> pa.ListArray:
    """Other values in lists of the same lengths; a null list is empty."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def dig(value: Any, name: str) -> Any:
    """The value of a dotted name within objects and lists of objects of JSON; None where there is none."""
    if isinstance(value, list):
        return [dig(item, name) for item in value]
    if not isinstance(value, Mapping):
        return None
    if name in value:
        return value[name]
    dots = [i for i, character in enumerate(name) if character == "."]
    start = next((i for i in dots if name[:i] in value), None)
    return None if start is None else dig(value[name[:start]], name[start + 1 :])
