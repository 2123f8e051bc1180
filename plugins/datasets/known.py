"""``data=ptb`` and the like: data sets that are known by name, from a folder of them or from the hub."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
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
        data_dir: where a folder of its name is looked for first.
        label: the column of the labels; none: its usual one.
        train: what to train on, by hand: another split's name, or a file of its folder.
        dev: what to choose on, by hand, likewise.
        test: what to test on, by hand, likewise.
        cache: where ``datasets`` keeps what it fetches; none: its own place.
        offline: whether nothing is fetched from the hub.

    Raises:
        DataError: it is in no folder, and cannot be had from the hub.
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
        self.counted: Counter[str] = Counter()
        self.by_hand = {
            s: name for s, name in (("train", train), ("dev", dev), ("test", test)) if name is not None
        }
        in_files, on_hub = self.known.labels.get(label, (label, label)) if label else (None, None)
        place = _place(self.known.name, data_dir)
        if place is not None:
            from core.data.sources.files import Files

            self.source: Source = Files(place, **{**self.known.files, "label": in_files, **self.by_hand})
        elif self.known.hub:
            from core.data.sources.hub import HubSource

            options = {**self.known.hub_options, **self.by_hand, **({"label": on_hub} if label else {})}
            self.source = HubSource(f"hub:{self.known.hub}", cache=cache, offline=offline, **options)
        else:
            remedy = f"get it from {self.known.address}, and say with data_dir= or {VARIABLE} where the folder"
            raise DataError(
                f"there is no folder '{self.known.name}' in {_looked(data_dir)}",
                where=f"data={self.known.name}",
                remedy=f"{remedy} '{self.known.name}' is",
            )

    def splits(self) -> tuple[str, ...]:
        """Those that the files or the hub have."""
        return self.source.splits()

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split."""
        rows = 0
        for batch in self.source.batches(split):
            rows += batch.num_rows
            yield batch
        self.counted[split] = rows

    def fingerprint(self) -> str | None:
        """A hash of the content."""
        return self.source.fingerprint()

    def notes(self) -> list[Note]:
        """What was remarked in reading, and each split whose rows are not as many as they should be."""
        notes = self.source.notes()
        for split, rows in self.counted.items():
            expected = self.known.rows.get(split, rows)
            if rows != expected and split not in self.by_hand:
                text = f"{split}: {rows:,} rows, where {self.known.name} is known to have {expected:,}"
                notes.append(Note("source.rows", text, {"split": split, "rows": rows, "expected": expected}))
        return notes

    def write(self, split: str, predictions: Arrays, labels: list[str], path: Path) -> bool:
        """Write the split with predicted labels, where the files have a format for that."""
        return self.source.write(split, predictions, labels, path)


def _folders(data_dir: str | None) -> list[Path]:
    return [Path(folder).expanduser() for folder in (data_dir, os.environ.get(VARIABLE)) if folder]


def _place(name: str, data_dir: str | None) -> Path | None:
    """The folder of a data set, None where there is none."""
    return next((folder / name for folder in _folders(data_dir) if (folder / name).is_dir()), None)


def _looked(data_dir: str | None) -> str:
    return " or ".join(map(str, _folders(data_dir))) or f"data_dir= or {VARIABLE}, which are not set"


@cache
def _made(name: str) -> type[KnownData]:
    known = TABLE[name]
    about = {"name": known.name, "what": known.help, "columns": known.columns, "size": known.size}
    about["rows"] = ", ".join(f"{split} {count:,}" for split, count in known.rows.items()) or "not known"
    about["folder"] = f"{known.name} in data_dir= or {VARIABLE}"
    about["hub"] = known.hub or "not there, or not the same"
    about |= {"address": known.address, "license": known.license, "citation": known.citation}
    return type(known.class_name, (KnownData,), {"known": known, "about": about, "__module__": __name__})


def __getattr__(name: str) -> Any:
    """The class of each data set of the table, such as ``UdEnEwt``."""
    for known in TABLE.values():
        if known.class_name == name:
            return _made(known.name)
    raise AttributeError(name)
