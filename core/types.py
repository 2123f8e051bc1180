"""Types that modules share: arrays, scores, tables, questions, notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]  # predictions or parameters by name
Bools = npt.NDArray[np.bool_]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]
UInt64s = npt.NDArray[np.uint64]
UInt16s = npt.NDArray[np.uint16]
Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]
Floats = npt.NDArray[np.floating[Any]]

Scores = dict[str, float]  # metric -> value
Cell = str | int | float


class Table(NamedTuple):
    """A table of plain values.

    Args:
        title: what it shows.
        header: the name of each column.
        rows: one value per column; shares are in percent.
    """

    title: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True)
class Note:
    """Something that the user should know; code reads its code and values, never its text.

    Args:
        code: what kind of note it is, such as ``ceiling.unknown``.
        text: one sentence for people.
        values: the content of the sentence as data.
    """

    code: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        """The note as JSON data; ``Note(**data)`` reads it back."""
        return {"code": self.code, "text": self.text, "values": dict(self.values)}


class Question(NamedTuple):
    """One event of a task that evaluates word vectors.

    Args:
        words: the words whose vectors are compared.
        answer: what else its score depends on, as text, such as the score of the annotators.
    """

    words: tuple[str, ...]
    answer: str


Lookup = Callable[[Array], tuple[Float32s, Bools]]
"""Open ids (n,) -> their vectors float32 (n, D), and which of them have a vector of their own, bool (n,)."""
