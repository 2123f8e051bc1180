"""Text cut at white space and numbered by compiled code, eight bytes at a time, on several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

WIDTH = 8  # bytes that are looked at together
ROOM = 1 << 14  # types that there is room for at first
SPARE = 3  # slots of the hash table for each
ONES, HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
BELOW = np.uint64(0x21) * ONES  # bytes under 33 are white space or control characters
SPACE, TAB, RETURN, BYTE = np.uint64(32), np.uint64(9), np.uint64(13), np.uint64(0xFF)
ONE, SEVEN, EIGHT, TOP, HALF = (np.uint64(n) for n in (1, 7, 8, 61, 32))
PLACES = np.uint64(sum(j << (61 - 8 * j) for j in range(WIDTH)))  # 256 ** j times this has j in its highest bits
PRIME = np.uint64(0x9E3779B97F4A7C15)
MASKS = np.array([(1 << 8 * size) - 1 for size in range(WIDTH + 1)], dtype=np.uint64)  # the first bytes of eight


class Numbered(NamedTuple):
    """Some rows as words.

    Args:
        codes: int32 (N,), the words by order of first occurrence.
        lengths: int64 (R,), words a row.
        types: the distinct words in that order.
    """

    codes: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]
    types: list[str]


def cut(column: pa.StringArray, threads: int) -> list[Numbered]:
    """Cut rows of text at ASCII white space, as ``ascii_split_whitespace`` of Arrow does, without empty words.

    Args:
        column: string (R,), without nulls.
        threads: how many parts are cut at once; each is numbered for itself.

    Returns:
        One a part, in order.
    """
    _, places, text = column.buffers()
    offsets = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    edges = np.searchsorted(offsets, np.linspace(offsets[0], offsets[-1], threads + 1)[1:-1])
    bounds = [0, *edges.tolist(), len(column)]
    data = np.frombuffer(text, np.uint8)
    parts = [offsets[i : j + 1] for i, j in zip(bounds, bounds[1:], strict=False)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda part: _part(data, part), parts))


def _part(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> Numbered:
    """Some rows; their bytes are copied to have some more behind them, which are read and not looked at."""
    first, last = int(offsets[0]), int(offsets[-1])
    text = np.zeros(last - first + WIDTH, dtype=np.uint8)
    text[: last - first] = data[first:last]
    eights = np.lib.stride_tricks.as_strided(
        text[:WIDTH].view(np.uint64), (last - first + 1,), (1,), writeable=False
    )
    codes = np.empty((last - first + len(offsets)) // 2 + 1, dtype=np.int32)
    lengths = np.empty(len(offsets) - 1, dtype=np.int64)
    room, row, used, types = ROOM, 0, 0, 0
    found = [np.empty(0, dtype=dtype) for dtype in (np.int64, np.int64, np.uint64, np.uint64)]
    while row < len(lengths):
        found = [np.concatenate([array[:types], np.empty(room, dtype=array.dtype)]) for array in found]
        table = np.full(SPARE * len(found[0]), -1, dtype=np.int32)
        _fill(table, found[-1][:types])
        state = (*found, codes, lengths, row, used, types)
        row, used, types = _cut(eights, offsets - first, table, *state)
        room = types
    starts, ends = found[0][:types].tolist(), (found[0] + found[1])[:types].tolist()
    seen = text.data
    spelled = [str(seen[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]
    return Numbered(codes[:used], lengths, spelled)


@numba.njit(cache=True, nogil=True)
def _before_blank(chunk: Any) -> Any:
    """How many of eight bytes stand before the first white space."""
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
    """Whether two words of more than eight bytes are equal behind the first eight."""
    done = WIDTH
    while done < size:
        mask = MASKS[min(size - done, WIDTH)]
        if (eights[a + done] & mask) != (eights[b + done] & mask):
            return False
        done += WIDTH
    return True


@numba.njit(cache=True, nogil=True)
def _slot(hashed: Any, table: Any) -> Any:
    """Where the search for a hash begins: its highest bits say, which all bytes have a part in."""
    return np.int64(((hashed >> HALF) * np.uint64(len(table))) >> HALF)


@numba.njit(cache=True, nogil=True)
def _fill(table: Any, hashes: Any) -> None:
    """Put the types into a table that is free (-1)."""
    for i in range(len(hashes)):
        at = _slot(hashes[i], table)
        while table[at] >= 0:
            at = at + 1 if at + 1 < len(table) else 0
        table[at] = i


@numba.njit(cache=True, nogil=True)
def _cut(
    eights: Any,
    offsets: Any,
    table: Any,
    starts: Any,
    sizes: Any,
    firsts: Any,
    hashes: Any,
    codes: Any,
    lengths: Any,
    row: Any,
    used: Any,
    types: Any,
) -> Any:
    """Cut rows into words, and number each distinct one, until there is no room for another type.

    Args:
        eights: uint64 (M,), the eight bytes from each byte on.
        offsets: int64 (R + 1,), where each row begins, and the last one ends.
        table: int32, the types by hash, -1 where free.
        starts: int64 (T,), where each type begins.
        sizes: int64 (T,), its bytes.
        firsts: uint64 (T,), the first eight of them.
        hashes: uint64 (T,), its hash.
        codes: int32, filled with the words by order of first occurrence.
        lengths: int64 (R,), filled with the words a row.
        row: the first row.
        used: how many codes there are already.
        types: how many types.

    Returns:
        The row to go on with, and how many codes and types there are.
    """
    while row < len(lengths):
        at, end, before = offsets[row], offsets[row + 1], used
        while at < end:
            size = min(_before_blank(eights[at]), end - at)
            if size == 0:
                at += 1
                continue
            first = eights[at] & MASKS[size]
            hashed = first * PRIME
            while size % WIDTH == 0 and at + size < end:
                more = min(_before_blank(eights[at + size]), end - at - size)
                if more == 0:
                    break
                hashed = ((hashed ^ (hashed >> HALF)) + (eights[at + size] & MASKS[more])) * PRIME
                size += more
            place = _slot(hashed, table)
            code = table[place]
            while code >= 0:
                if firsts[code] == first and sizes[code] == size:
                    if size <= WIDTH or _same(eights, starts[code], at, size):
                        break
                place = place + 1 if place + 1 < len(table) else 0
                code = table[place]
            if code < 0:
                if types == len(starts):
                    return row, before, types
                starts[types], sizes[types], firsts[types], hashes[types] = at, size, first, hashed
                table[place] = code = types
                types += 1
            codes[used] = code
            used += 1
            at += size
        lengths[row] = used - before
        row += 1
    return row, used, types
