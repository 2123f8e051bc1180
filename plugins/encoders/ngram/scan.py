"""Asking a trie by compiled code: single grams, and every event of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from core.data.vocab import END
from core.types import Float64s, Int32s, Int64s

if TYPE_CHECKING:
    from plugins.encoders.ngram.trie import Level

BLOCK = 1 << 16  # events that are worked on at a time: their places stay in the cache
SPARE = 3  # slots of the table of bigrams for each
PRIME, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def search(
    contexts: npt.NDArray[np.integer],
    sought: npt.NDArray[np.integer],
    children: npt.NDArray[np.int32],
    words: npt.NDArray[np.int32],
) -> Int64s:
    """The places of grams, int64 (M,); -1 for those that are not there.

    Args:
        contexts: int (M,), the context of each, or -1.
        sought: int (M,), the last symbol of each.
        children: int32 (G + 1,), where the grams that begin with each context are.
        words: int32, the last symbol of each of those grams, ascending for each context.
    """
    return np.asarray(
        _search(contexts.astype(np.int64), sought.astype(np.int64), _read_only(children), _read_only(words))
    )


def table(levels: Sequence[Level]) -> Int32s:
    """The places of all bigrams by hash, int32, -1 where free: frequent words have long lists of successors.

    Args:
        levels: order 1 first; at least two.
    """
    made = np.full(SPARE * len(levels[1]) + 1, -1, dtype=np.int32)
    _fill(made, _read_only(levels[0].children), _read_only(levels[1].words))
    return made


def scan(
    levels: Sequence[Level], values: npt.NDArray[np.integer], missing: float, before: Int64s, bigrams: Int32s
) -> tuple[Float64s, npt.NDArray[np.int16]]:
    """The natural log-probability of each symbol given its row so far, and how long a gram answered.

    Args:
        levels: order 1 first.
        values: int (N,), whole rows end to end, each closed by END.
        missing: see ``Trie``.
        before: int64 (N,), symbols of its row before each, the start mark included; empty if nothing is missing.
        bigrams: see ``table``; of size 0 where there is none.

    Returns:
        float64 (N,) and int16 (N,).
    """
    if len(levels) == 1:
        return levels[0].log_probs[values].astype(np.float64), np.ones(len(values), dtype=np.int16)
    log_probs, orders = np.empty(len(values)), np.empty(len(values), dtype=np.int16)
    carried = [END] + [-1] * (len(levels) - 1)  # the gram of each order that ended last before the block
    arrays = [_arrays(below, level) for below, level in zip(levels, levels[1:], strict=False)]
    closed = len(levels[0].counts) > 0  # counted here: then every gram is there without its first symbol too
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


def _arrays(below: Level, level: Level) -> tuple[npt.NDArray[Any], ...]:
    found = (below.children, below.backoffs, below.log_probs, level.words, level.log_probs)
    return tuple(map(_read_only, found))


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A view that cannot be written to, as mapped arrays are: the kernels are compiled for one kind alone."""
    view = array.view()
    view.flags.writeable = False
    return view


@numba.njit(cache=True, nogil=True)
def _place(context: Any, word: Any, children: Any, words: Any) -> Any:
    """Where a gram is, or -1: a binary search that has one outcome a step, and so nothing to guess wrongly."""
    low = children[context]
    size = children[context + 1] - low
    while size > 1:
        half = size >> 1
        low += half * np.int64(words[low + half] <= word)
        size -= half
    return low if size > 0 and words[low] == word else np.int64(-1)


@numba.njit(cache=True, nogil=True)
def _slot(context: Any, word: Any, size: Any) -> Any:
    """Where in a table the search for a bigram begins."""
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
    """Where to search for the grams of order ``k`` that end at each place of a block.

    Args:
        symbols: int32 (n + 1,), those of the block, and first the one before it.
        known: int32 (n + 1,), the gram of order ``k - 1`` that ends at each, or -1.
        children: of order ``k - 1``.
        k: at least 2.
        closed: whether every gram is there without its first symbol too.
        lows: int32 (n + 1,), filled: where in order ``k`` the first candidate is.
        sizes: int32 (n + 1,), filled: how many there are.
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
    """The gram of order ``k`` that ends at each place of a block, or -1, into ``places``, int32 (n + 1,).

    Nothing branches on what is found, so that the processor has several searches under way at once.

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

    A probability is looked up once no longer gram is known: what is not looked at need not come from memory.

    Args:
        symbols: see ``_spans``.
        known: int32 (n + 1,), the gram of order ``k - 1`` that ends at each, or -1.
        places: int32 (n + 1,), those of order ``k``.
        backoffs: of order ``k - 1``.
        lower: the log-probabilities of order ``k - 1``.
        found: the log-probabilities of order ``k``.
        k: at least 2.
        top: whether no order is higher.
        missing: see ``Trie``.
        before: int64 (n,), symbols of the row before each; of size 0 if nothing is missing.
        log_probs: float64 (n,), changed where no gram of order ``k`` is known, or none is longer.
        orders: int16 (n,), the order that answered, likewise.
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
    """``_raise`` for order 2, by the table of bigrams."""
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
