"""``data=memory``: rows whose label depends on tokens far back, to see what an encoder remembers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

from core.data.sources.base import SPLITS, Source
from core.errors import ConfigError
from core.types import Int64s

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = {"train": 8000, "dev": 1000, "test": 2000}
SEED = 1997
MARK = "+"  # in front of the numbers that matter


class Memory(Source):
    """Two memory problems by which recurrent networks are compared (Hochreiter and Schmidhuber, 1997).

    A row is n random numbers, of which the marked ones matter, as in ``+3 0 7 7 1``. ``recall``: the first number
    is marked, and it is the label. ``adding``: one number in each half of the row is marked, and the label is
    their sum. The label follows from the row, so the best score is 100 %. In ``recall`` all labels are equally
    likely.

    Args:
        problem: which of the two.
        length: n, the number of tokens per row.
        symbols: the number of different numbers: 0 to symbols - 1.
        shortest: the length of the shortest training row: lengths from it to n are equally likely, which helps
            training to begin; none for n. All rows of dev and test have n tokens.
    """

    def __init__(
        self,
        *,
        problem: Literal["recall", "adding"] = "recall",
        length: Annotated[int, Ge(2)] = 20,
        symbols: Annotated[int, Ge(2)] = 8,
        shortest: Annotated[int, Ge(2)] | None = None,
    ) -> None:
        if shortest is not None and shortest > length:
            what = f"{shortest} is above the length {length}"
            raise ConfigError(what, where="data.shortest", remedy="lower it, or leave it out")
        self.problem, self.length, self.symbols, self.shortest = problem, length, symbols, shortest

    def splits(self) -> tuple[str, ...]:
        """All three splits."""
        return SPLITS

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, as one batch of ``tokens`` and ``label``."""
        import pyarrow as pa

        numbers, marked, lengths = self.draw(split)  # (R, n), (R, M), (R,)
        codes = numbers.copy()
        np.put_along_axis(codes, marked, np.take_along_axis(codes, marked, 1) + self.symbols, 1)
        names = [mark + str(number) for mark in ("", MARK) for number in range(self.symbols)]
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        words = pa.array(names).take(pa.array(codes[np.arange(self.length) < lengths[:, None]]))
        tokens = pa.ListArray.from_arrays(offsets, words)
        yield pa.RecordBatch.from_pydict({"tokens": tokens, "label": pa.array(self.answers(split))})

    def draw(self, split: str) -> tuple[Int64s, Int64s, Int64s]:
        """The rows of a split; each split has its own seed.

        Returns:
            The numbers (R, n), which of each row are marked (R, 1 or 2), and the lengths of the rows (R,).
        """
        random, rows = np.random.default_rng([SEED, SPLITS.index(split)]), ROWS[split]
        numbers = random.integers(0, self.symbols, (rows, self.length))
        lengths = np.full(rows, self.length)
        if self.shortest is not None and split == "train":
            lengths = random.integers(self.shortest, self.length + 1, rows)
        if self.problem == "recall":
            return numbers, np.zeros((rows, 1), dtype=np.int64), lengths
        half = lengths // 2
        return numbers, np.stack([random.integers(0, half), random.integers(half, lengths)], 1), lengths

    def answers(self, split: str) -> list[str]:
        """The label of each row."""
        numbers, marked, _ = self.draw(split)
        return [str(answer) for answer in np.take_along_axis(numbers, marked, 1).sum(1).tolist()]

    def fingerprint(self) -> str:
        """A hash of the options and of the source code of the generator."""
        options = json.dumps([self.problem, self.length, self.symbols, self.shortest]).encode()
        return sha256(Path(__file__).read_bytes() + options).hexdigest()

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The label of a row is known for certain; see ``Source.oracle``."""
        if about == "number":
            return {"number": np.array(self.answers(split), dtype=np.float64)}
        return {"label": self.answers(split)} if about == "row" else None
