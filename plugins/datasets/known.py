"""Data sets that are known by name, such as ``data=ptb``: read from a local folder or from the hub."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.data.sources.base import Source
from core.errors import DataError
from core.types import Note
from plugins.datasets.table import TABLE, Known

if TYPE_CHECKING:
    import pyarrow as pa

    from core.types import Arrays

VARIABLE = "SEQLAB_DATA"


class KnownData(Source):
    """A data set that is known by name: from ``data_dir=FOLDER`` or ``SEQLAB_DATA``, else from the hub.

    Args:
        data_dir: the folder in which a folder of its name is looked for first.
        label: the column of the labels; none: the default column of the data set.
        train: the split or file to train on, instead of the default one.
        dev: the split or file to tune on, instead of the default one.
        test: the split or file to test on, instead of the default one.
        cache: where ``datasets`` stores downloads; none: its default folder.
        offline: never download from the hub.

    Raises:
        DataError: there is no such folder, and the hub does not provide the data set.
    """

    known: ClassVar[Known]

    def __init__(
        self,
        data_dir: str | None = None,
        *,
        label: str | None = None,
        train: str | None = None,
        dev: str | None = None,
        test: str | None = None,
        cache: str | None = None,
        offline: bool = False,
    ) -> None:
        self.row_counts: Counter[str] = Counter()
        named = {"train": train, "dev": dev, "test": test}
        self.named_splits = {split: name for split, name in named.items() if name is not None}
        in_files, on_hub = self.known.labels.get(label, (label, label)) if label else (None, None)
        folder = _folder(self.known.name, data_dir)
        if folder is not None:
            from core.data.sources.files import Files

            self.source: Source = Files(folder, **{**self.known.files, "label": in_files, **self.named_splits})
        elif self.known.hub:
            from core.data.sources.hub import HubSource

            options = {**self.known.hub_options, **self.named_splits, **({"label": on_hub} if label else {})}
            self.source = HubSource(f"hub:{self.known.hub}", cache=cache, offline=offline, **options)
        else:
            name = self.known.name
            what = f"there is no folder '{name}' in {_searched(data_dir)}"
            remedy = (
                f"get it from {self.known.address}, and set data_dir= or {VARIABLE} to the folder that holds it"
            )
            raise DataError(what, where=f"data={name}", remedy=f"{remedy} as '{name}'")

    @classmethod
    def reading(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of its files, with the column that ``label`` means there."""
        label = options.get("label")
        return {**cls.known.files, **({"label": cls.known.labels.get(label, (label,))[0]} if label else {})}

    def splits(self) -> tuple[str, ...]:
        """The splits of the files or the hub."""
        return self.source.splits()

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split."""
        rows = 0
        for batch in self.source.batches(split):
            rows += batch.num_rows
            self.column_names = self.source.column_names
            yield batch
        self.row_counts[split] = rows

    def place(self, split: str, row: int) -> str:
        """Where a row stands in the files or the hub."""
        return self.source.place(split, row)

    def fingerprint(self) -> str | None:
        """A hash of the content."""
        return self.source.fingerprint()

    def notes(self) -> list[Note]:
        """Notes from reading the data, and a note for each split with an unexpected number of rows."""
        notes = self.source.notes()
        for split, rows in self.row_counts.items():
            expected = self.known.rows.get(split, rows)
            if rows != expected and split not in self.named_splits:
                text = f"{split}: {rows:,} rows, but {self.known.name} is known to have {expected:,}"
                notes.append(Note("source.rows", text, {"split": split, "rows": rows, "expected": expected}))
        return notes

    def write(self, split: str, predictions: Arrays, labels: list[str], path: Path) -> bool:
        """Write the split with predicted labels, if the format of the files allows it."""
        return self.source.write(split, predictions, labels, path)


def _folders(data_dir: str | None) -> list[Path]:
    return [Path(folder).expanduser() for folder in (data_dir, os.environ.get(VARIABLE)) if folder]


def _folder(name: str, data_dir: str | None) -> Path | None:
    """The folder of a data set, None if there is none."""
    return next((folder / name for folder in _folders(data_dir) if (folder / name).is_dir()), None)


def _searched(data_dir: str | None) -> str:
    return " or ".join(map(str, _folders(data_dir))) or f"data_dir= or {VARIABLE}, which are not set"


@cache
def _source_class(name: str) -> type[KnownData]:
    known = TABLE[name]
    about = {"name": known.name, "what": known.help, "columns": known.columns, "size": known.size}
    about["rows"] = ", ".join(f"{split} {count:,}" for split, count in known.rows.items()) or "not known"
    about["folder"] = f"{known.name} in data_dir= or {VARIABLE}"
    about["hub"] = known.hub or "not available there, or different data"
    about |= {"address": known.address, "license": known.license, "citation": known.citation}
    return type(known.class_name, (KnownData,), {"known": known, "about": about, "__module__": __name__})


def __getattr__(name: str) -> Any:
    """The class of each data set of the table, such as ``UdEnEwt``."""
    for known in TABLE.values():
        if known.class_name == name:
            return _source_class(known.name)
    raise AttributeError(name)
