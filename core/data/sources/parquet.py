"""Apache Parquet (https://parquet.apache.org)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.data.sources.formats import Format
from core.data.sources.typed_columns import ROWS, Names, TypedColumns
from core.errors import DataError


class Parquet(Format):
    """Typed columns; names of classes that ``datasets`` stored in the file are used."""

    is_stream = False

    def read_file(self, path: Path, encoding: str, size: int) -> Iterator[pa.RecordBatch]:
        """The rows, ``ROWS`` per batch."""
        import pyarrow.parquet as pq

        rows = 0
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
                columns = TypedColumns(schema, class_names(schema), self.text, self.label, str(path), True)
                self.column_names = tuple(columns.leaves)
                for part in file.iter_batches(batch_size=ROWS, columns=columns.tops):
                    batch = columns.batch(pa.Table.from_batches([part]), f"{path}, rows from {rows + 1}")
                    batch.validate(full=True)  # strings that are not UTF-8
                    yield batch
                    rows += part.num_rows
                self.skipped += columns.skipped
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            what = f"the file cannot be read as Parquet ({' '.join(str(error).split())})"
            raise DataError(what, where=str(path), remedy="fetch it again, or write it again") from None


def class_names(schema: pa.Schema) -> Names:
    """The names of classes that ``datasets`` stored in a file's schema: column, or field within one -> names."""
    try:
        return dict(_named(json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"], ()))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _named(feature: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Sequence[str]]]:
    """The names of classes in the JSON of a feature: dotted name -> names."""
    if isinstance(feature, list):
        feature = {"_type": "List", "feature": feature[0]}
    if feature.get("_type") == "ClassLabel":
        yield ".".join(path), feature["names"]
    elif isinstance(feature.get("_type"), str) and isinstance(feature.get("feature"), (dict, list)):
        yield from _named(feature["feature"], path)
    else:
        for name, inner in feature.items():
            if isinstance(inner, (dict, list)):
                yield from _named(inner, (*path, name))
