"""A data source in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from core.data.sources.base import Source


class Rows(Source):
    """A source in memory: split -> list of (text or tokens, label or labels or None)."""

    def __init__(self, key: str | None = None, **splits: list[tuple]) -> None:
        self.rows, self.key, self.reads = splits, key, 0

    def splits(self) -> tuple[str, ...]:
        return tuple(self.rows)

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        self.reads += 1
        for text, label in self.rows[split]:
            columns = {"tokens" if isinstance(text, list) else "text": pa.array([text])}
            if label is not None:
                columns["labels" if isinstance(label, list) else "label"] = pa.array([label])
            yield pa.record_batch(columns)

    def fingerprint(self) -> str | None:
        return self.key


def text(*rows: str) -> list[tuple[str, None]]:
    return [(row, None) for row in rows]
