"""One split as ids: named ragged columns of int32 values and int64 offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.vocab import UNK, Vocab
from core.types import Bools, Int32s, Int64s

SOURCE_ROWS = "source_rows"  # the column of the numbers of rows in the source, where splits are cut at random
SPANS = "spans"  # the column of marked spans: start and end of e1, then of e2, in tokens; the end is not included
BESIDE = (SOURCE_ROWS, SPANS)  # columns about rows, which have no END


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of ids, one after the other; every row ends in END.

    Args:
        values: int32 (N,), the ids of all rows.
        offsets: int64 (R + 1,), row ``r`` is ``values[offsets[r]:offsets[r + 1]]``.
    """

    values: Int32s
    offsets: Int64s

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> Int32s:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @property
    def lengths(self) -> Int64s:
        """The number of ids per row, END included: int64 (R,)."""
        return np.diff(self.offsets)

    @property
    def ends(self) -> Int64s:
        """The position of each row's END in ``values``: int64 (R,)."""
        return self.offsets[1:] - 1

    @cached_property
    def inner(self) -> Bools:
        """Which ids are not the END of a row: bool (N,)."""
        mask = np.ones(len(self.values), dtype=bool)
        mask[self.ends] = False
        return mask

    def select(self, rows: Int64s) -> Ragged:
        """The rows of these numbers, int64 (S,), in the given order; a number may be repeated."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        index = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Ragged(self.values[index], offsets)


@dataclass(frozen=True, eq=False)
class Corpus:
    """One split: what a model fits and predicts.

    Args:
        vocab: the words that ``tokens`` below ``vocab.size`` name.
        columns: ``tokens``, and ``labels`` where the task has some: aligned with the tokens, or per row one label
            (of a set any number) and END, or the tokens of a second text and END; ``source_rows``, one number per
            row, where splits are cut at random; ``spans``, four numbers per row, where two spans are marked.
        words: the open words; an id ``i >= vocab.size`` in ``tokens`` is ``words[i - vocab.size]``.
        labels: the label vocabulary (it has END and UNK too, which are never predicted), or the words of
            the second texts.
        label_words: the open labels: those that are not in train.
    """

    vocab: Vocab
    columns: Mapping[str, Ragged]
    words: Sequence[str] = ()
    labels: Vocab | None = None
    label_words: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def tokens(self) -> Ragged:
        """The tokens as open ids."""
        return self.columns["tokens"]

    @cached_property
    def closed(self) -> Ragged:
        """The tokens with every open id replaced by UNK."""
        values = self.tokens.values
        if not self.words:
            return self.tokens
        return Ragged(np.where(values >= self.vocab.size, np.int32(UNK), values), self.tokens.offsets)

    @property
    def targets(self) -> Ragged:
        """The labels as open ids (KeyError where the corpus has none)."""
        return self.columns["labels"]

    @property
    def source_rows(self) -> Int64s:
        """Which row of the source each row is, int64 (R,); its place in the split where splits are not sampled."""
        column = self.columns.get(SOURCE_ROWS)
        return np.arange(len(self)) if column is None else column.values.astype(np.int64)

    @cached_property
    def spans(self) -> Int64s | None:
        """Start and end (not included) of e1, then of e2, in tokens: int64 (R, 4); None where none are marked."""
        column = self.columns.get(SPANS)
        return None if column is None else column.values.reshape(-1, 4).astype(np.int64)

    @property
    def label_names(self) -> list[str]:
        """The labels by open id; those that are not in train come last."""
        return [*(self.labels.words if self.labels else ()), *self.label_words]

    def word_place(self, word: int) -> tuple[int, int]:
        """Row and token of a word, by its number among all words; the ends of rows are none."""
        starts = self.tokens.offsets[:-1] - np.arange(len(self))
        row = int(np.searchsorted(starts, word, side="right")) - 1
        return row, word - int(starts[row])

    def spell(self, ids: Int32s) -> list[str]:
        """The words of open token ids, int32 (n,)."""
        size = self.vocab.size
        return [self.vocab.words[i] if i < size else self.words[i - size] for i in ids.tolist()]

    def select(self, rows: Int64s) -> Corpus:
        """The corpus of some rows (see ``Ragged.select``); open words stay as they are."""
        columns = {name: column.select(rows) for name, column in self.columns.items()}
        return Corpus(self.vocab, columns, self.words, self.labels, self.label_words)
