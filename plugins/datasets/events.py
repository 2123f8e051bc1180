"""``data=events``: sessions from tables with one event per line, such as clicks or purchases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from core.data.sources.base import Source
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

SEPARATORS = {".csv": ",", ".tsv": "\t"}
BLOCK = 1 << 20  # bytes hashed at a time


class Events(Source):
    """Sessions from a CSV, TSV or Parquet file with one event per line, also compressed (``.csv.gz``).

    The events of a session need not follow each other in the file. Its items are put in the order of ``time``, or
    left in that of the file; events of the same time keep the order of the file. Sessions come in the order of
    their first event in the file.

    Args:
        path: the file of the training sessions; the splits that have no file are cut from them.
        dev: the file of the dev sessions.
        test: the file of the test sessions.
        session: the column that events of one session have in common.
        item: the column of the item.
        time: the column by which the events of a session are sorted (numbers, or dates such as
            2024-05-01 12:30:00); none: the order of the file.
    """

    about: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        *,
        path: str,
        dev: str | None = None,
        test: str | None = None,
        session: str = "session",
        item: str = "item",
        time: str | None = None,
    ) -> None:
        paths = {"train": path, "dev": dev, "test": test}
        self.paths = {split: Path(name).expanduser() for split, name in paths.items() if name}
        self.session, self.item, self.time = session, item, time

    def splits(self) -> tuple[str, ...]:
        """Those that have a file."""
        return tuple(self.paths)

    def fingerprint(self) -> str:
        """A hash of the files and of the columns that are read."""
        found = sha256(repr((self.session, self.item, self.time, list(self.paths))).encode())
        for path in self.paths.values():
            try:
                with path.open("rb") as file:
                    while block := file.read(BLOCK):
                        found.update(block)
            except OSError as error:
                raise _unreadable(path, error.strerror or str(error)) from error
        return found.hexdigest()

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The sessions of one split, as one batch of ``tokens``."""
        import pyarrow as pa

        table = self._read(self.paths[split])
        self._check(table, self.paths[split])
        codes = _codes(table.column(self.session))
        keys = [codes] if self.time is None else [self._times(table, split), codes]
        order = np.lexsort(keys)
        lengths = np.bincount(codes)
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        items = table.column(self.item).take(pa.array(order)).cast(pa.string()).combine_chunks()
        yield pa.RecordBatch.from_pydict({"tokens": pa.ListArray.from_arrays(offsets, items)})

    def _read(self, path: Path) -> pa.Table:
        """The columns that are needed."""
        import pyarrow as pa
        from pyarrow import csv, parquet

        columns = list(dict.fromkeys(filter(None, [self.session, self.item, self.time])))
        endings = [ending for ending in path.suffixes if ending in (*SEPARATORS, ".parquet")]
        if not endings:
            remedy = "give a file whose name ends in .csv, .tsv or .parquet, or .csv.gz"
            raise DataError("the name does not say what kind of table it is", where=str(path), remedy=remedy)
        try:
            if endings[-1] == ".parquet":
                names = parquet.read_schema(path).names
                self.column_names = tuple(names)
                return parquet.read_table(path, columns=self._known(columns, names, path))
            parse = csv.ParseOptions(delimiter=SEPARATORS[endings[-1]])
            types = {name: pa.string() for name in columns if name != self.time}
            with csv.open_csv(str(path), parse_options=parse) as lines:
                names = lines.schema.names
            self.column_names = tuple(names)
            wanted = self._known(columns, names, path)
            how = csv.ConvertOptions(include_columns=wanted, column_types=types)
            return csv.read_csv(str(path), parse_options=parse, convert_options=how)
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, str(error).splitlines()[0]) from error

    def _times(self, table: pa.Table, split: str) -> Any:
        """The order of the events in time (N,); as text, 10 would come before 9."""
        import pyarrow as pa

        column = table.column(self.time)
        if str(column.type) not in ("string", "large_string"):
            return _codes(column, sort=True)
        for kind in (pa.float64(), pa.timestamp("ns"), pa.timestamp("ns", "UTC")):
            with suppress(pa.ArrowInvalid):
                return _codes(column.cast(kind), sort=True)
        what = f"the column '{self.time}' is neither numbers nor dates such as 2024-05-01 12:30:00"
        remedy = "correct it, or leave data.time out where the events are in order"
        raise DataError(what, where=str(self.paths[split]), remedy=remedy, code="data.time")

    def _known(self, columns: list[str], names: list[str], path: Path) -> list[str]:
        """The columns; DataError where the file lacks one."""
        for option in ("session", "item", "time"):
            if (name := getattr(self, option)) is not None and name not in names:
                remedy = f"name one with data.{option}=: it has {', '.join(names)}"
                raise DataError(f"there is no column '{name}'", where=str(path), remedy=remedy, code="data.column")
        return columns

    def _check(self, table: pa.Table, path: Path) -> None:
        """Refuse a file without events, and an event that lacks something."""
        import pyarrow.compute as pc

        if not table.num_rows:
            raise DataError("the file has no event", where=str(path), remedy="give one with at least one line")
        for name in table.column_names:
            column = table.column(name)
            empty = pc.is_null(column)
            if str(column.type) in ("string", "large_string"):
                empty = pc.or_(empty, pc.equal(pc.utf8_trim_whitespace(pc.fill_null(column, "")), ""))
            if pc.any(empty).as_py():
                event = pc.index(empty, True).as_py() + 1
                what = f"event {event:,} has no {name}"
                raise DataError(what, where=str(path), remedy="remove the event, or fill the cell")


def _codes(column: Any, sort: bool = False) -> Any:
    """Values as integers (N,), numbered by their first occurrence, or by their order."""
    import pyarrow.compute as pc

    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy().astype(np.int64)
    if not sort:
        return codes
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places[codes]


def _unreadable(path: Path, why: str) -> DataError:
    return DataError(f"the file cannot be read ({why})", where=str(path), remedy="check the path in data.path=")
