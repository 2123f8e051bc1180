"""One split as ids: named ragged columns of int32 values and int64 offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.data.vocab import UNK, Vocab
from core.types import Int32s, Int64s


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of ids, end to end; every row closes with END.

    Args:
        values: int32 (N,), all rows one after the other.
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
        """int64 (R,): ids a row, END included."""
        return np.diff(self.offsets)

    @property
    def ends(self) -> Int64s:
        """int64 (R,): where in ``values`` each row's END stands."""
        return self.offsets[1:] - 1

    @cached_property
    def inner(self) -> npt.NDArray[np.bool_]:
        """bool (N,): True but for the END of each row."""
        mask = np.ones(len(self.values), dtype=bool)
        mask[self.ends] = False
        return mask

    def select(self, rows: npt.NDArray[np.int64]) -> Ragged:
        """Some rows, in the order given (repeats allowed).

        Args:
            rows: int64 (S,), row numbers.
        """
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        index = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Ragged(self.values[index], offsets)


@dataclass(frozen=True, eq=False)
class Corpus:
    """One split: what a model fits and predicts.

    Args:
        vocab: the words that ``tokens`` below ``vocab.size`` name.
        columns: ``tokens``, and ``labels`` where the task has some: for kind ``token`` aligned with the
            tokens, for kind ``sequence`` one label and END a row.
        words: the open words; an id ``i >= vocab.size`` in ``tokens`` is ``words[i - vocab.size]``.
        labels: the label vocabulary (END and UNK stand in it too, and are never predicted).
        label_words: the open labels, those that training never had.
    """

    vocab: Vocab
    columns: Mapping[str, Ragged]
    words: Sequence[str] = ()
    labels: Vocab | None = None
    label_words: Sequence[str] = field(default=())

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
        size = self.vocab.size
        return Ragged(np.where(values >= size, np.int32(UNK), values), self.tokens.offsets)

    @property
    def targets(self) -> Ragged:
        """The labels as open ids (KeyError where the corpus has none)."""
        return self.columns["labels"]

    def spell(self, ids: npt.NDArray[np.int32]) -> list[str]:
        """The words of open token ids.

        Args:
            ids: int32 (n,).
        """
        size = self.vocab.size
        return [self.vocab.words[i] if i < size else self.words[i - size] for i in ids.tolist()]

    def select(self, rows: npt.NDArray[np.int64]) -> Corpus:
        """The corpus of some rows (see ``Ragged.select``); open words stay as they are."""
        columns = {name: column.select(rows) for name, column in self.columns.items()}
        return Corpus(self.vocab, columns, self.words, self.labels, self.label_words)
