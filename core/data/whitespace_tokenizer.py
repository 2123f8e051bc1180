"""Text cut at white space and numbered by compiled code, eight bytes at a time, on several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np

from core.types import Int32s, Int64s, UInt8s

if TYPE_CHECKING:
    import pyarrow as pa

WIDTH = 8  # bytes that are compared at once
ROOM = 1 << 14  # types that the arrays hold at first
SPARE = 3  # slots of the hash table per type
ONES, HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
BELOW = np.uint64(0x21) * ONES  # bytes under 33 are white space or control characters
SPACE, TAB, RETURN, BYTE = np.uint64(32), np.uint64(9), np.uint64(13), np.uint64(0xFF)
ONE, SEVEN, EIGHT, TOP, HALF = (np.uint64(n) for n in (1, 7, 8, 61, 32))
PLACES = np.uint64(sum(j << (61 - 8 * j) for j in range(WIDTH)))  # 256 ** j times this has j in its top bits
PRIME = np.uint64(0x9E3779B97F4A7C15)
MASKS = np.array([(1 << 8 * size) - 1 for size in range(WIDTH + 1)], dtype=np.uint64)  # the first bytes of eight


class Numbered(NamedTuple):
    """Some rows as numbered words.

    Args:
        codes: int32 (N,), the words by order of first occurrence.
        lengths: int64 (R,), words per row.
        types: the distinct words in that order.
    """

    codes: Int32s
    lengths: Int64s
    types: list[str]


def cut(column: pa.StringArray, threads: int) -> list[Numbered]:
    """Cut rows of text at ASCII white space, as ``ascii_split_whitespace`` of Arrow does, without empty words.

    Args:
        column: string (R,), without nulls.
        threads: the number of parts that are cut at the same time; each has a numbering of its own.

    Returns:
        The parts, in order.
    """
    _, places, text = column.buffers()
    offsets = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    edges = np.searchsorted(offsets, np.linspace(offsets[0], offsets[-1], threads + 1)[1:-1])
    bounds = [0, *edges.tolist(), len(column)]
    data = np.frombuffer(text, np.uint8)
    parts = [offsets[i : j + 1] for i, j in zip(bounds, bounds[1:], strict=False)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda part: _part(data, part), parts))


def _part(data: UInt8s, offsets: Int64s) -> Numbered:
    """Number some rows; their bytes are copied and padded, since eight bytes are read at each of them."""
    first, last = int(offsets[0]), int(offsets[-1])
    text = np.zeros(last - first + WIDTH, dtype=np.uint8)
    text[: last - first] = data[first:last]
    whole = text[:WIDTH].view(np.uint64)
    eights = np.lib.stride_tricks.as_strided(whole, (last - first + 1,), (1,), writeable=False)
    codes = np.empty((last - first + len(offsets)) // 2 + 1, dtype=np.int32)
    lengths = np.empty(len(offsets) - 1, dtype=np.int64)
    room, row, used, known = ROOM, 0, 0, 0
    types = tuple(np.empty(0, dtype=dtype) for dtype in (np.int64, np.int64, np.uint64, np.uint64))
    while row < len(lengths):
        types = tuple(np.concatenate([array[:known], np.empty(room, dtype=array.dtype)]) for array in types)
        table = np.full(SPARE * len(types[0]), -1, dtype=np.int32)
        _fill(table, types[-1][:known])
        row, used, known = _cut(eights, offsets - first, table, types, codes, lengths, (row, used, known))
        room = known
    spans = zip(types[0][:known].tolist(), (types[0] + types[1])[:known].tolist(), strict=True)
    return Numbered(codes[:used], lengths, [str(text.data[start:end], "utf-8") for start, end in spans])


@numba.njit(cache=True, nogil=True)
def _before_space(chunk: Any) -> Any:
    """How many of eight bytes come before the first white space."""
    low = (chunk - BELOW) & ~chunk & HIGH  # the lowest bit that is set is that of the first byte under 33
    while low:
        bit = low & (~low + ONE)
        at = ((bit >> SEVEN) * PLACES) >> TOP
        byte = (chunk >> (at * EIGHT)) & BYTE
        if byte == SPACE or (TAB <= byte <= RETURN):
            return np.int64(at)
        low ^= bit
    return np.int64(WIDTH)


@numba.njit(cache=True, nogil=True)
def _same(eights: Any, a: Any, b: Any, size: Any) -> Any:
    """Whether two words of more than eight bytes are equal after the first eight."""
    done = WIDTH
    while done < size:
        mask = MASKS[min(size - done, WIDTH)]
        if (eights[a + done] & mask) != (eights[b + done] & mask):
            return False
        done += WIDTH
    return True


@numba.njit(cache=True, nogil=True)
def _slot(hashed: Any, table: Any) -> Any:
    """Where the search for a hash starts: its highest bits decide, since every byte affects them."""
    return np.int64(((hashed >> HALF) * np.uint64(len(table))) >> HALF)


@numba.njit(cache=True, nogil=True)
def _fill(table: Any, hashes: Any) -> None:
    """Enter the types into an empty table (-1)."""
    for i in range(len(hashes)):
        at = _slot(hashes[i], table)
        while table[at] >= 0:
            at = at + 1 if at + 1 < len(table) else 0
        table[at] = i


@numba.njit(cache=True, nogil=True)
def _cut(eights: Any, offsets: Any, table: Any, types: Any, codes: Any, lengths: Any, progress: Any) -> Any:
    """Cut rows into words and number each distinct word, until the arrays of the types are full.

    ``eights`` (M,) are the eight bytes from each byte on; ``table`` has the codes of the types by hash (-1: free);
    ``types`` are their starts, sizes, first eight bytes and hashes (T,); ``codes`` (N,) and ``lengths`` (R,) are
    filled; ``progress``, which is also returned, is the next row and the numbers of words and types so far.
    """
    row, used, known = progress
    while row < len(lengths):
        at, end, before = offsets[row], offsets[row + 1], used
        at, used, known = _cut_row(eights, at, end, table, types, codes, used, known)
        if at < end:
            return row, before, known
        lengths[row] = used - before
        row += 1
    return row, used, known


@numba.njit(cache=True, nogil=True)
def _cut_row(eights: Any, at: Any, end: Any, table: Any, types: Any, codes: Any, used: Any, known: Any) -> Any:
    """Cut one row, as ``_cut``; one function, since a call with arrays per word would take most of the time."""
    starts, sizes, firsts, hashes = types
    while at < end:
        size = min(_before_space(eights[at]), end - at)
        if size == 0:
            at += 1
            continue
        first = eights[at] & MASKS[size]
        hashed = first * PRIME
        while size % WIDTH == 0 and at + size < end:
            more = min(_before_space(eights[at + size]), end - at - size)
            if more == 0:
                break
            hashed = ((hashed ^ (hashed >> HALF)) + (eights[at + size] & MASKS[more])) * PRIME
            size += more
        slot = _slot(hashed, table)
        code = table[slot]
        while code >= 0:
            if firsts[code] == first and sizes[code] == size:
                if size <= WIDTH or _same(eights, starts[code], at, size):
                    break
            slot = slot + 1 if slot + 1 < len(table) else 0
            code = table[slot]
        if code < 0:
            if known == len(starts):
                break
            starts[known], sizes[known], firsts[known], hashes[known] = at, size, first, hashed
            table[slot] = code = known
            known += 1
        codes[used] = code
        used += 1
        at += size
    return at, used, known
