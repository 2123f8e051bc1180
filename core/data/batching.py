"""A corpus as batches: rows in buckets of near-equal length, or one running text in parallel streams."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from core.data.vocab import END
from core.types import Array, Int32s, Int64s

POOL = 50  # batches whose rows are sorted by length together
CELLS = 32_768  # the largest number of padded tokens per batch of rows


@dataclass(frozen=True, eq=False)
class Batch:
    """One padded batch.

    Args:
        ids: int64 (B, T), open token ids, T >= 1; END beyond the length of a row.
        lengths: int64 (B,), 0 to T.
        targets: int64 (B, T), or (B,) where each row has one answer: answers from 0, -1 where nothing is scored;
            numbers are float64 (B,), NaN where nothing is scored, sets of labels int64 (B, L); (B, U) where the
            answer to a row is a row of up to U tokens, -1 beyond it.
        index: int64 (B, T), or (B,) where each row has one answer: the event of each target, -1 where there is
            none.
        fresh: whether the batch starts without the state of the previous one.
        spans: int64 (B, 4), the marked spans of each row (``Corpus.spans``); None where none are marked.
    """

    ids: Int64s
    lengths: Int64s
    targets: Array
    index: Int64s
    fresh: bool = True
    spans: Int64s | None = None


@dataclass(frozen=True, eq=False)
class Examples:
    """The inputs and answers of one split, flat.

    Args:
        inputs: int (N,), the token id that is read at each position of the text.
        answers: int64 (N,), or (R,) where each row has one answer: from 0, -1 where nothing is scored; numbers
            and sets of labels as in ``Batch``; the tokens of all answers, end to end, where the answer to a row is
            a row.
        starts: int64 (R,), where in ``inputs`` each row starts.
        lengths: int64 (R,), how many tokens of each row the model reads.
        per_row: whether each row has one answer.
        spans: int64 (R, 4), see ``Batch``.
        offsets: int64 (R + 1,), row ``r`` has the answer ``answers[offsets[r]:offsets[r + 1]]``; None where an
            answer is one number.
    """

    inputs: Array
    answers: Array
    starts: Int64s
    lengths: Int64s
    per_row: bool = False
    spans: Int64s | None = None
    offsets: Int64s | None = None

    @property
    def events(self) -> int:
        """How many answers a prediction has."""
        return len(self.starts) if self.per_row else len(self.answers)

    def answers_of(self, rows: Int64s) -> Int64s:
        """The answers of some rows: int64 (B,), or padded with -1 (B, U) where these are rows, U >= 1."""
        if self.offsets is None:
            return self.answers[rows]
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        steps = np.arange(max(1, int(lengths.max(initial=0))))
        inside = steps < lengths[:, None]  # (B, U)
        places = np.where(inside, self.offsets[rows][:, None] + steps, 0)
        return np.where(inside, self.answers[places] if len(self.answers) else -1, -1)  # (B, U)


class Batches(Protocol):
    """The batches of an epoch; each is built on request, so that a run can resume anywhere."""

    carries: ClassVar[bool]  # whether a batch starts with the state after the previous one

    def plan(self, epoch: int) -> Sequence[Any]:
        """One item per batch, the same for the same epoch."""

    def collate(self, item: Any) -> Batch:
        """The batch of one item of the plan."""

    def share(self, rank: int, size: int) -> Self:
        """The same batches, each with only the rows or streams of one of ``size`` processes."""


class RowBatches:
    """Batches of rows of similar length; each row is read alone.

    Args:
        examples: the rows.
        batch_size: the largest number of rows per batch.
        seed: seeds the order, together with the epoch.
        cells: the largest number of padded tokens per batch (a longer row is a batch of its own).
    """

    carries: ClassVar[bool] = False

    def __init__(self, examples: Examples, batch_size: int, *, seed: int = 0, cells: int = CELLS) -> None:
        self.examples, self.batch_size, self.seed, self.cells = examples, batch_size, seed, cells
        self.own = slice(None)  # the rows of each batch that are read

    def share(self, rank: int, size: int) -> Self:
        """See ``Batches.share``; the rows of a batch are sorted by length, so every share has all lengths."""
        shared = copy.copy(self)
        shared.own = slice(rank, None, size)
        return shared

    def plan(self, epoch: int) -> list[Int64s]:
        """The rows of each batch: shuffled, sorted in pools of 50 batches, cut, and shuffled again."""
        random = np.random.default_rng([self.seed, epoch])
        order = random.permutation(len(self.examples.starts))
        pool = POOL * self.batch_size
        pools = [self._sorted(order[i : i + pool]) for i in range(0, len(order), pool)]
        batches = [batch for rows in pools for batch in self._cut(rows)]
        return [batches[i] for i in random.permutation(len(batches))]

    def ordered(self) -> list[Int64s]:
        """The rows of each batch for prediction: all rows by length, the same every time."""
        return self._cut(self._sorted(np.arange(len(self.examples.starts))))

    def _sorted(self, rows: Int64s) -> Int64s:
        """Rows by length, and of equal length by that of their answers."""
        e = self.examples
        lengths = (e.lengths[rows],) if e.offsets is None else (np.diff(e.offsets)[rows], e.lengths[rows])
        return rows[np.lexsort(lengths)]

    def _cut(self, rows: Int64s) -> list[Int64s]:
        """Cut rows of rising length into batches within both bounds."""
        lengths, batches, at = self.examples.lengths[rows], [], 0
        while at < len(rows):
            padded = lengths[at : at + self.batch_size] * np.arange(1, len(rows[at : at + self.batch_size]) + 1)
            size = max(1, int(np.searchsorted(padded, self.cells, side="right")))
            batches.append(rows[at : at + size])
            at += size
        return batches

    def collate(self, item: Int64s) -> Batch:
        """The rows of these numbers, int64 (B,), padded; of a share without rows one that has no tokens."""
        e, item = self.examples, item[self.own]
        if not len(item):
            return nothing(e)
        lengths = e.lengths[item]
        steps = np.arange(max(1, int(lengths.max(initial=0))))
        inside = steps < lengths[:, None]  # (B, T)
        index = np.where(inside, e.starts[item][:, None] + steps, -1)  # (B, T)
        ids = np.where(inside, e.inputs[index], END).astype(np.int64)  # (B, T)
        if e.per_row:
            spans = None if e.spans is None else e.spans[item]
            return Batch(ids, lengths, e.answers_of(item), item, spans=spans)
        return Batch(ids, lengths, np.where(inside, e.answers[index], -1), index)


class StreamBatches:
    """One running text in B streams of ceil(N / B) tokens, chunk by chunk, state carried along.

    In training all streams are equally long: the last one starts early, and what it reads twice is not
    scored. In evaluation (``warmup`` given) each stream scores exactly its own tokens, and reads ``warmup``
    tokens before them if it starts inside the text.

    Args:
        examples: the text.
        streams: the number of streams (fewer where the text is too short).
        chunk: tokens per stream and batch (``bptt``).
        warmup: tokens read before those that a stream scores; None in training.
    """

    carries: ClassVar[bool] = True

    def __init__(self, examples: Examples, streams: int, chunk: int, warmup: int | None = None) -> None:
        size = len(examples.inputs)
        length = max(1, -(-size // streams))
        own = np.arange(0, size, length)  # (B,), the first position that each stream scores
        if warmup is None:
            self.begin = np.minimum(own, size - length)
            self.end = self.begin + length
        else:
            self.begin = np.maximum(own - warmup, 0)
            self.end = np.minimum(own + length, size)
        self.own, self.examples, self.chunk = own, examples, chunk
        self.longest = int((self.end - self.begin).max(initial=0))

    def share(self, rank: int, size: int) -> Self:
        """See ``Batches.share``; each stream stays with its process, and so does its state."""
        shared, own = copy.copy(self), slice(rank, None, size)
        shared.begin, shared.end, shared.own = self.begin[own], self.end[own], self.own[own]
        return shared

    def plan(self, epoch: int) -> range:
        """Where in its stream each chunk starts, the same in every epoch."""
        return range(0, self.longest, self.chunk)

    def collate(self, item: int) -> Batch:
        """The chunk of every stream that starts ``item`` tokens into it; see also ``RowBatches.collate``."""
        if not len(self.own):
            return nothing(self.examples, fresh=item == 0)
        e, width = self.examples, min(self.chunk, self.longest - item)
        positions = self.begin[:, None] + item + np.arange(width)  # (B, T)
        inside = positions < self.end[:, None]
        index = np.where(inside & (positions >= self.own[:, None]), positions, -1)
        ids = np.where(inside, e.inputs[np.where(inside, positions, 0)], END).astype(np.int64)
        lengths = np.clip(self.end - self.begin - item, 0, width)  # (B,)
        return Batch(ids, lengths, np.where(index >= 0, e.answers[index], -1), index, fresh=item == 0)


def nothing(examples: Examples, fresh: bool = True) -> Batch:
    """A batch of one row without tokens, whose loss is 0: what a process reads that has no row of a batch."""
    index = np.full((1,) if examples.per_row else (1, 1), -1, dtype=np.int64)
    answers = examples.answers
    none = np.nan if answers.dtype.kind == "f" else -1
    shape = (1,) if examples.offsets is not None else answers.shape[1:]
    targets = np.full((*index.shape, *shape), none, dtype=answers.dtype)
    return Batch(np.full((1, 1), END, dtype=np.int64), np.zeros(1, dtype=np.int64), targets, index, fresh)


def in_pieces(examples: Examples, size: int) -> Examples:
    """The examples with rows of at most ``size`` tokens.

    A longer row with one answer is cut to its beginning; one with an answer per token becomes several rows of
    nearly equal length, so no answer is lost.
    """
    starts, lengths = examples.starts, examples.lengths
    if not len(lengths) or lengths.max() <= size:
        return examples
    if examples.per_row:
        return replace(examples, lengths=np.minimum(lengths, size))
    counts = np.maximum(1, -(-lengths // size))  # (R,), the pieces of each row
    piece = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)  # (P,), numbered within its row
    width, rows = np.repeat(-(-lengths // counts), counts), np.repeat(np.arange(len(lengths)), counts)
    begin = piece * width
    return replace(examples, starts=starts[rows] + begin, lengths=np.minimum(width, lengths[rows] - begin))


def left_aligned(histories: Int32s) -> tuple[Int64s, Int64s]:
    """Histories as padded rows, each from its last END on; END is inserted before a history without one.

    Args:
        histories: int32 (B, n), right-aligned.

    Returns:
        ids int64 (B, n + 1) and lengths int64 (B,), 1 or more.
    """
    started = np.pad(histories, ((0, 0), (1, 0)), constant_values=END).astype(np.int64)  # (B, n + 1)
    width = started.shape[1]
    lengths = 1 + np.argmax(started[:, ::-1] == END, axis=1)  # (B,)
    positions = (width - lengths)[:, None] + np.arange(width)  # (B, n + 1)
    ids = np.take_along_axis(started, positions.clip(max=width - 1), axis=1)
    return np.where(positions < width, ids, END), lengths
