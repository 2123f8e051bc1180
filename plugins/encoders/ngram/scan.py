"""Compiled queries of a trie: single grams, and every event of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from core.data.vocab import END
from core.types import Array, Float64s, Int32s, Int64s
from plugins.encoders.ngram.level import Level

BLOCK = 1 << 16  # events processed at a time: their arrays stay in the CPU cache
SPARE = 3  # slots of the bigram table per bigram
PRIME, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def search(
    contexts: npt.NDArray[np.integer], sought: npt.NDArray[np.integer], children: Int32s, words: Int32s
) -> Int64s:
    """The indices of grams, int64 (M,); -1 for unseen grams.

    Args:
        contexts: int (M,), the context of each, or -1.
        sought: int (M,), the last symbol of each.
        children: int32 (G + 1,), where the grams that start with each context start.
        words: int32, the last symbol of each of those grams, ascending within a context.
    """
    return np.asarray(
        _search(contexts.astype(np.int64), sought.astype(np.int64), _read_only(children), _read_only(words))
    )


def table(levels: Sequence[Level]) -> Int32s:
    """The indices of all bigrams by hash, int32, -1 in free slots; avoids long searches after frequent words.

    Args:
        levels: order 1 first; at least two.
    """
    bigrams = np.full(SPARE * len(levels[1]) + 1, -1, dtype=np.int32)
    _fill(bigrams, _read_only(levels[0].children), _read_only(levels[1].words))
    return bigrams


def scan(
    levels: Sequence[Level], values: npt.NDArray[np.integer], missing: float, before: Int64s, bigrams: Int32s
) -> tuple[Float64s, npt.NDArray[np.int16]]:
    """The natural log-probability of each symbol given its row so far, and the order of the longest known gram.

    Args:
        levels: order 1 first.
        values: int (N,), whole rows end to end, each ending in END.
        missing: see ``Trie``.
        before: int64 (N,), symbols before each in its row, the start mark included; empty if ``missing`` is 0.
        bigrams: see ``table``; of size 0 if there is none.

    Returns:
        float64 (N,) and int16 (N,).
    """
    if len(levels) == 1:
        return levels[0].log_probs[values].astype(np.float64), np.ones(len(values), dtype=np.int16)
    log_probs, orders = np.empty(len(values)), np.empty(len(values), dtype=np.int16)
    carried = [END] + [-1] * (len(levels) - 1)  # the gram of each order that ended last before the block
    arrays = [_arrays(below, level) for below, level in zip(levels, levels[1:], strict=False)]
    closed = len(levels[0].counts) > 0  # counted here: then each gram also exists without its first symbol
    words, known, places, lows, sizes = (np.full(BLOCK + 1, END, dtype=np.int32) for _ in range(5))
    for first in range(0, len(values), BLOCK):
        some = slice(first, first + BLOCK)
        block = values[some]
        size = len(block) + 1
        words[0] = words[-1]
        words[1:size] = known[1:size] = block
        answer = (log_probs[some], orders[some])
        for k, (children, backoffs, lower, sought, found) in enumerate(arrays, 2):
            known[0], carried[k - 2] = carried[k - 2], known[size - 1]
            top = k == len(levels)
            if k == 2 and len(bigrams):
                _raise_by_table(words[:size], known[:size], *arrays[0], top, bigrams, *answer)
                continue
            _spans(words[:size], known[:size], children, k, closed, lows, sizes)
            _raise(words[:size], lows, sizes, sought, places)
            _answer(words[:size], known, places, backoffs, lower, found, k, top, missing, before[some], *answer)
            known, places = places, known
    return log_probs, orders


def _arrays(below: Level, level: Level) -> tuple[Array, ...]:
    found = (below.children, below.backoffs, below.log_probs, level.words, level.log_probs)
    return tuple(map(_read_only, found))


def _read_only(array: Array) -> Array:
    """A read-only view, as mapped arrays are: the kernels are then compiled for one type only."""
    view = array.view()
    view.flags.writeable = False
    return view


@numba.njit(cache=True, nogil=True)
def _place(context: Any, word: Any, children: Any, words: Any) -> Any:
    """The index of a gram, or -1: a binary search without branches, so that no branch is mispredicted."""
    low = children[context]
    size = children[context + 1] - low
    while size > 1:
        half = size >> 1
        low += half * np.int64(words[low + half] <= word)
        size -= half
    return low if size > 0 and words[low] == word else np.int64(-1)


@numba.njit(cache=True, nogil=True)
def _slot(context: Any, word: Any, size: Any) -> Any:
    """The first slot to probe for a bigram in a table."""
    hashed = ((np.uint64(context) << HALF) | np.uint64(word)) * PRIME
    hashed = (hashed ^ (hashed >> HALF)) * PRIME
    return np.int64(((hashed >> HALF) * np.uint64(size)) >> HALF)


@numba.njit(cache=True, nogil=True)
def _fill(table: Any, children: Any, words: Any) -> None:
    for context in range(len(children) - 1):
        for place in range(children[context], children[context + 1]):
            at = _slot(context, words[place], len(table))
            while table[at] >= 0:
                at = at + 1 if at + 1 < len(table) else 0
            table[at] = place


@numba.njit(cache=True, nogil=True)
def _search(contexts: Any, sought: Any, children: Any, words: Any) -> Any:
    places = np.full(len(contexts), -1, dtype=np.int64)
    for i in range(len(contexts)):
        if contexts[i] >= 0:
            places[i] = _place(contexts[i], sought[i], children, words)
    return places


@numba.njit(cache=True, nogil=True)
def _spans(symbols: Any, known: Any, children: Any, k: Any, closed: Any, lows: Any, sizes: Any) -> None:
    """The range of candidates in order ``k`` for the gram that ends at each position of a block.

    Args:
        symbols: int32 (n + 1,), the symbol before the block, then those of the block.
        known: int32 (n + 1,), the gram of order ``k - 1`` that ends at each, or -1.
        children: of order ``k - 1``.
        k: at least 2.
        closed: whether each gram also exists without its first symbol.
        lows: int32 (n + 1,), output: the first candidate in order ``k``.
        sizes: int32 (n + 1,), output: the number of candidates.
    """
    for i in range(1, len(symbols)):
        context = known[i - 1]
        lows[i] = sizes[i] = 0
        if context >= 0 and (known[i] >= 0 or not closed):
            if k == 2 or symbols[i - 1] != END:  # nothing follows the end of a row
                lows[i] = children[context]
                sizes[i] = children[context + 1] - lows[i]


@numba.njit(cache=True, nogil=True)
def _raise(symbols: Any, lows: Any, sizes: Any, words: Any, places: Any) -> None:
    """The gram of order ``k`` that ends at each position of a block, or -1, into ``places``, int32 (n + 1,).

    Nothing branches on the result, so that the processor can overlap several searches.

    Args:
        symbols: see ``_spans``, as are ``lows`` and ``sizes``.
        words: of order ``k``.
    """
    for i in range(1, len(symbols)):
        word, low, size = symbols[i], np.int64(lows[i]), sizes[i]
        if size == 0:
            places[i] = -1
            continue
        while size > 1:
            half = size >> 1
            low += half * np.int64(words[low + half] <= word)
            size -= half
        places[i] = (low + 1) * np.int64(words[low] == word) - 1


@numba.njit(cache=True, nogil=True)
def _answer(
    symbols: Any,
    known: Any,
    places: Any,
    backoffs: Any,
    lower: Any,
    found: Any,
    k: Any,
    top: Any,
    missing: Any,
    before: Any,
    log_probs: Any,
    orders: Any,
) -> None:
    """The probability of each symbol of a block whose longest gram is of order ``k - 1``, or of the highest.

    A probability is only looked up once its gram is known to be the longest, which saves memory accesses.

    Args:
        symbols, known, k: see ``_spans``.
        places: int32 (n + 1,), the grams of order ``k``.
        backoffs: of order ``k - 1``.
        lower: the log-probabilities of order ``k - 1``.
        found: the log-probabilities of order ``k``.
        top: whether ``k`` is the highest order.
        missing: see ``Trie``.
        before: int64 (n,), symbols before each in its row; of size 0 if ``missing`` is 0.
        log_probs, orders: float64 and int16 (n,), changed where the longest gram is now known.
    """
    for i in range(1, len(symbols)):
        if places[i] >= 0:
            if top:
                log_probs[i - 1], orders[i - 1] = found[places[i]], k
            continue
        if known[i] >= 0:
            log_probs[i - 1], orders[i - 1] = lower[known[i]], k - 1
        if known[i - 1] >= 0 and (k == 2 or symbols[i - 1] != END):
            log_probs[i - 1] += backoffs[known[i - 1]]
        elif len(before) and before[i - 1] >= k - 1:
            log_probs[i - 1] += missing


@numba.njit(cache=True, nogil=True)
def _raise_by_table(
    symbols: Any,
    places: Any,
    children: Any,
    backoffs: Any,
    lower: Any,
    words: Any,
    found: Any,
    top: Any,
    table: Any,
    log_probs: Any,
    orders: Any,
) -> None:
    """``_raise`` and ``_answer`` for order 2, with the bigram table."""
    for i in range(len(symbols) - 1, 0, -1):
        context, word = symbols[i - 1], symbols[i]
        at = _slot(context, word, len(table))
        place = table[at]
        while place >= 0 and not (words[place] == word and children[context] <= place < children[context + 1]):
            at = at + 1 if at + 1 < len(table) else 0
            place = table[at]
        places[i] = place
        if place < 0:
            log_probs[i - 1], orders[i - 1] = lower[word] + np.float64(backoffs[context]), 1
        elif top:
            log_probs[i - 1], orders[i - 1] = found[place], 2
