"""Counting the grams of every order by sorting the positions of one stream of ids.

The positions where a context ends, plus one, are where the grams that start with it end. So the positions, grouped
by context at each order, only need to be sorted by word within each group. Context, word and position are packed
into one integer, and integers are sorted in pieces that hold whole contexts. The pieces are also the unit of work
of the threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.data.vocab import END
from core.errors import DataError
from core.types import Int32s, Int64s

PIECE = 1 << 18  # positions sorted at a time: small enough for the CPU caches
BITS = 63
MAX_TOKENS = np.iinfo(np.int32).max - 1

Map = Callable[..., Iterator[Any]]


@dataclass(frozen=True)
class Grams:
    """The gram types of one order, sorted by their symbols.

    Args:
        words: int32 (G,), the last symbol of each gram.
        children: int32 (H + 1,), where the grams that start with each of the ``H`` grams of the order below start.
        counts: int32 (G,), how often each gram occurs.
        suffixes: int32 (G,), each gram without its first symbol, as an index into the order below.
    """

    words: Int32s
    children: Int32s
    counts: Int32s
    suffixes: Int32s

    def __len__(self) -> int:
        return len(self.words)


@dataclass
class Piece:
    """The positions of a range of grams, grouped by gram.

    Args:
        places: int32 (M,), where in the stream each occurrence ends.
        extents: int (G,), occurrences of each gram.
        found: int32, words, number of grams per context, counts and suffixes of the grams.
    """

    places: Int32s
    extents: Int64s
    found: list[Int32s] = field(default_factory=list)


def count(values: Int32s, size: int, order: int, run: Map = map) -> list[Grams]:
    """The grams of orders 1 to ``order``.

    Args:
        values: int32 (N,), whole rows end to end; each ends in END, which is also the start mark of the next.
        size: the number of ids.
        order: symbols in the longest gram.
        run: ``map``, or the ``map`` of a thread pool.

    Raises:
        DataError: there are more tokens than int32 positions.
    """
    if len(values) > MAX_TOKENS:
        what = f"{len(values):,} tokens are more than can be counted at once ({MAX_TOKENS:,})"
        raise DataError(what, where="data", remedy="train on a part of them (data.limit=)")
    stream = np.empty(len(values) + 1, dtype=np.int32)
    stream[0], stream[1:] = END, values
    words = np.arange(size, dtype=np.int32)
    counts = np.bincount(values, minlength=size).astype(np.int32)
    found = [Grams(words, np.array([0, size], dtype=np.int32), counts, np.zeros(size, dtype=np.int32))]
    pieces, ids = [_by_word(stream[:-1], size)], stream
    for k in range(2, order + 1):
        sort = _Sort(stream, size, ids, last=k == order)
        pieces = list(run(sort, _cut(pieces, sort.most)))
        found.append(_join(pieces))
        if k < order:
            ids = _number(pieces, found[-1].words, ids if k > 2 else np.empty_like(stream), run)
    return found


def _by_word(stream: Int32s, size: int) -> Piece:
    """The positions of a stream grouped by word."""
    bits = len(stream).bit_length()
    keys = stream.astype(np.int64)
    keys <<= bits
    keys |= np.arange(len(stream))
    keys.sort()
    keys &= (1 << bits) - 1
    return Piece(keys.astype(np.int32), np.bincount(stream, minlength=size))


def _cut(pieces: list[Piece], most: int) -> Iterator[Piece]:
    """Pieces of at most ``PIECE`` positions and ``most`` grams; a single gram may have more positions."""
    for i, piece in enumerate(pieces):
        pieces[i] = Piece(piece.places[:0], piece.extents[:0])  # frees the memory of the piece once it is used
        ends = np.cumsum(piece.extents)
        begin, at = 0, 0
        while begin < len(ends):
            stop = int(np.searchsorted(ends, at + PIECE, side="right"))
            stop = min(max(stop, begin + 1), begin + most, len(ends))
            yield Piece(piece.places[at : ends[stop - 1]], piece.extents[begin:stop])
            begin, at = stop, int(ends[stop - 1])


class _Sort:
    """Sorts the successors of some contexts by word.

    Args:
        stream: int32, a start mark and the values.
        size: the number of ids.
        ids: int32, the gram of the order below that ends at each position.
        last: whether this is the highest order.
    """

    def __init__(self, stream: Int32s, size: int, ids: Int32s, last: bool) -> None:
        self.stream, self.ids, self.last = stream, ids, last
        self.place_bits, self.word_bits = len(stream).bit_length(), size.bit_length()
        self.most = 1 << (BITS - self.place_bits - self.word_bits)

    def __call__(self, before: Piece) -> Piece:
        """The grams that are one symbol longer than those of a piece."""
        places = before.places + np.int32(1)
        keys = np.repeat(np.arange(len(before.extents)) << self.word_bits, before.extents)
        keys |= self.stream[places]
        keys <<= self.place_bits
        keys |= places
        keys.sort()
        places = (keys & ((1 << self.place_bits) - 1)).astype(np.int32)
        keys >>= self.place_bits
        new = np.empty(len(keys), dtype=bool)
        new[:1] = True
        np.not_equal(keys[1:], keys[:-1], out=new[1:])
        starts = np.flatnonzero(new)
        heads = keys[starts]
        counts = np.diff(starts, append=len(keys))
        words = (heads & ((1 << self.word_bits) - 1)).astype(np.int32)
        sizes = np.bincount(heads >> self.word_bits, minlength=len(before.extents))
        found = [words, sizes.astype(np.int32), counts.astype(np.int32), self.ids[places[starts]]]
        return Piece(places[:0] if self.last else places, counts, found)


def _join(pieces: list[Piece]) -> Grams:
    """The grams of all pieces; the arrays of the pieces are freed one by one."""
    joined = []
    for i in range(4):
        start = [np.zeros(int(i == 1), dtype=np.int32)]  # children start with 0
        joined.append(np.concatenate(start + [piece.found[i] for piece in pieces]))
        for piece in pieces:
            piece.found[i] = start[0]
    words, sizes, counts, suffixes = joined
    return Grams(words, np.cumsum(sizes, out=sizes), counts, suffixes)


def _number(pieces: list[Piece], words: Int32s, ids: Int32s, run: Map) -> Int32s:
    """The gram that ends at each position, written into ``ids``; the positions where a row ends are dropped."""
    firsts = np.cumsum([0] + [len(piece.extents) for piece in pieces])

    def write(piece: Piece, first: int) -> None:
        grams = np.arange(first, first + len(piece.extents), dtype=np.int32)
        ids[piece.places] = np.repeat(grams, piece.extents)
        ended = words[grams] == END
        piece.places = piece.places[np.repeat(~ended, piece.extents)]
        piece.extents[ended] = 0

    for _ in run(write, pieces, firsts[:-1]):
        pass
    return ids
