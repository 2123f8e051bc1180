"""Synthetic rows for the checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.data.interning import close
from core.data.sources.base import SPLITS, Source
from core.data.sources.column_guessing import SPAN
from core.data.vocab import END, FIRST
from core.model.context import Context
from core.model.runtime import Runtime
from core.types import Arrays, Int32s

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, WORDS = 300, 20
NGRAM = 5  # words of a second text, enough for the n-grams of BLEU


class SyntheticSource(Source):
    """Random words with random labels: nothing can be learned from them, so no model beats chance.

    Args:
        labels: the labels to draw from.
        answers: what has a label, as in ``Kind.labels``: rows may have numbers, sets of labels, or second texts.
    """

    def __init__(self, labels: Sequence[str], answers: str | None = None) -> None:
        self.labels, self.answers = np.array(labels), answers

    def splits(self) -> tuple[str, ...]:
        """All three."""
        return SPLITS

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of a split as one batch, with labels per token and per row, and two spans: the outer words."""
        import pyarrow as pa

        random = np.random.default_rng(SPLITS.index(split))
        columns: dict[str, list[object]] = {"tokens": [], "labels": [], "label": []}
        for length in random.integers(1, 12, ROWS).tolist():
            columns["tokens"].append([f"w{number}" for number in random.integers(0, WORDS, length)])
            columns["labels"].append(random.choice(self.labels, length).tolist())
            columns["label"].append(self._label(random))
            for name, at in zip(SPAN, (0, 1, length - 1, length), strict=True):
                columns.setdefault(name, []).append(str(at))
        yield pa.RecordBatch.from_pydict(columns)

    def _label(self, random: np.random.Generator) -> str:
        """The label of a row, its number, its set, or its second text."""
        if self.answers == "number":
            return f"{random.normal():.3f}"
        if self.answers == "set":
            return "|".join(self.labels[random.random(len(self.labels)) < 0.5])
        label = str(random.choice(self.labels))
        return " ".join([label] * NGRAM) if self.answers == "text" else label


def random_rows(rows: int, size: int, seed: int = 0, longest: int = 9) -> Ragged:
    """Random rows of ids from UNK to ``size - 1``, one of them empty, none longer than ``longest`` without END."""
    random = np.random.default_rng(seed)
    lengths = random.integers(0, longest + 1, rows)
    lengths[0] = 0
    # squares are mostly small, so that n-grams are repeated
    ids = FIRST - 1 + (random.random(int(lengths.sum())) ** 2 * (size - FIRST + 1)).astype(np.int32)
    return close(ids.astype(np.int32), lengths)


def histories(rows: Ragged, width: int) -> Int32s:
    """The symbols before each symbol in its row: int32 (N, width), right-aligned, END on the left."""
    table = np.full((len(rows.values), width), END, dtype=np.int32)
    for start, end in zip(rows.offsets[:-1].tolist(), rows.offsets[1:].tolist(), strict=True):
        for at in range(start + 1, end):
            before = rows.values[max(start, at - width) : at]
            table[at, -len(before) :] = before
    return table


def unscored_context(seed: int = 0) -> Context:
    """A context for ``fit`` whose metric is always 0."""

    def metrics(predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        return {"none": 0.0}

    return Context(metrics, "none", runtime=Runtime(seed=seed))
