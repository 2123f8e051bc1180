"""No text at all: ``data=none``, for tasks that evaluate vectors which were trained elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.data.sources import NO_DATA
from core.data.sources.base import Source

if TYPE_CHECKING:
    import pyarrow as pa


class Nothing(Source):
    """One empty training row, so that the vocabulary has no words.

    Args:
        name: the value of ``data=``.
    """

    def __init__(self, name: str = NO_DATA) -> None:
        super().__init__()

    def splits(self) -> tuple[str, ...]:
        """Only ``train``."""
        return ("train",)

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """One row without a word."""
        import pyarrow as pa

        yield pa.record_batch({"text": pa.array([""], pa.string())})

    def fingerprint(self) -> str | None:
        """Always the same."""
        return NO_DATA
