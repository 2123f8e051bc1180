"""Compiled parsing of ARPA files: from the bytes of a section's lines to words, numbers and indices."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from plugins.encoders.ngram.arpa.numbers import BACKSLASH, BLANK, NEWLINE, RETURN, TAB, infinite, number, past

OK, ENDED, NOT_A_NUMBER, TOO_FEW, TOO_MANY, UNKNOWN, POSITIVE, NOT_FINITE, WEIGHTED = range(9)
FIRST_HASH = np.uint64(0xCBF29CE484222325)
PRIME = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)
LARGEST = float(np.finfo(np.float32).max) / np.log(10)  # of a log10 whose natural log is a finite float32


@numba.njit(cache=True)
def mixed(state: Any, value: Any) -> Any:
    """A 64-bit hash with one more value mixed in."""
    state = (state ^ np.uint64(value)) * PRIME
    return state ^ (state >> HALF)


@numba.njit(cache=True)
def hash_each(ids: Any) -> Any:
    """The hash of each gram of one word; ``<s>`` is -1."""
    found = np.empty(len(ids), dtype=np.uint64)
    for i in range(len(ids)):
        found[i] = mixed(FIRST_HASH, ids[i] + 2)
    return found


@numba.njit(cache=True)
def slot(hashed: Any, size: Any) -> Any:
    """The first slot to probe for a hash in a table of ``size`` slots."""
    return np.int64(((mixed(hashed, 1) >> HALF) * np.uint64(size)) >> HALF)


@numba.njit(cache=True)
def skip(data: Any, at: Any) -> Any:
    """The position of the next byte that is not a blank or tab."""
    while data[at] == BLANK or data[at] == TAB:
        at += 1
    return at


@numba.njit(cache=True)
def line_ends(data: Any, at: Any) -> Any:
    """Whether the line ends here."""
    return data[at] == NEWLINE or (data[at] == RETURN and data[at + 1] == NEWLINE)


@numba.njit(cache=True)
def tail(data: Any, at: Any, top: Any) -> Any:
    """Parse what follows the words: (status, back-off, whether there is one, start of the next line)."""
    at, backoff, there = skip(data, at), 0.0, False
    if not line_ends(data, at):
        there, backoff, at = number(data, at)
        if not there:
            sign, at = infinite(data, at)
            if sign >= 0:
                return TOO_MANY if sign == 0 else NOT_FINITE, 0.0, False, at
            there, backoff = True, -np.inf
        elif abs(backoff) > LARGEST:
            return NOT_FINITE, 0.0, False, at
        if top and backoff != 0:
            return WEIGHTED, backoff, False, at
        at = skip(data, at)
        if not line_ends(data, at):
            return TOO_MANY, 0.0, False, at
    while data[at] != NEWLINE:
        at += 1
    return OK, backoff, there, at + 1


@numba.njit(cache=True)
def head(data: Any, at: Any) -> Any:
    """Parse what precedes the words: (status, log-probability, where it ends)."""
    if line_ends(data, at) or data[at] == BACKSLASH:
        return ENDED, 0.0, at
    good, log_prob, at = number(data, at)
    if not good:
        sign, at = infinite(data, at)
        if sign >= 0:
            return NOT_A_NUMBER if sign == 0 else NOT_FINITE, 0.0, at
        return OK, -np.inf, at
    if log_prob < -LARGEST:
        return NOT_FINITE, 0.0, at
    return POSITIVE if log_prob > 0 else OK, log_prob, at


@numba.njit(cache=True, nogil=True)
def read_words(data: Any, at: Any, stop: Any, top: Any, log_probs: Any, backoffs: Any, text: Any) -> Any:
    """Parse lines of order 1 until the arrays are full.

    Args:
        data: uint8, whole lines.
        at: start of the first line.
        stop: end of the last line.
        top: whether this is the highest order.
        log_probs: float32 (n,), log10, output.
        backoffs: float32 (n,), log10, output.
        text: uint8, output: each word and a newline.

    Returns:
        Status, start of the next (or invalid) line, lines read, bytes of ``text`` used, lines with a back-off.
    """
    i, size, weighted = 0, 0, 0
    while at < stop and i < len(log_probs):
        line = at
        status, log_prob, at = head(data, at)
        if status:
            return status, line, i, size, weighted
        at = skip(data, at)
        end = past(data, at)
        if end == at:
            return TOO_FEW, line, i, size, weighted
        for b in range(at, end):
            text[size] = data[b]
            size += 1
        text[size] = NEWLINE
        size += 1
        status, backoff, there, at = tail(data, end, top)
        if status:
            return status, line, i, size, weighted
        log_probs[i], backoffs[i], weighted = log_prob, backoff, weighted + there
        i += 1
    return OK, at, i, size, weighted


@numba.njit(cache=True)
def spelling(data: Any, at: Any, end: Any) -> Any:
    """The hash of some bytes."""
    state = FIRST_HASH
    for b in range(at, end):
        state = mixed(state, data[b])
    return state


@numba.njit(cache=True)
def find_word(table: Any, text: Any, starts: Any, data: Any, at: Any, end: Any) -> Any:
    """The number of a word, or -1 - its empty slot."""
    place = slot(spelling(data, at, end), len(table))
    while table[place] >= 0:
        word = table[place]
        if starts[word + 1] - starts[word] - 1 == end - at:
            b = 0
            while b < end - at and text[starts[word] + b] == data[at + b]:
                b += 1
            if b == end - at:
                return word
        place = place + 1 if place + 1 < len(table) else 0
    return -1 - place


@numba.njit(cache=True)
def number_words(table: Any, text: Any, starts: Any) -> Any:
    """Fill a table of words (int32, -1 in free slots); return the first repeated word, or -1."""
    for word in range(len(starts) - 1):
        found = find_word(table, text, starts, text, starts[word], starts[word + 1] - 1)
        if found >= 0:
            return word
        table[-1 - found] = word
    return -1


@numba.njit(cache=True, nogil=True)
def read_grams(
    data: Any, at: Any, stop: Any, top: Any, k: Any, lexicon: Any, log_probs: Any, backoffs: Any, grams: Any
) -> Any:
    """Parse lines of order ``k`` >= 2; arguments and results are those of ``read_words``, but for ``text``.

    Args:
        k: words per gram.
        lexicon: the table, text, starts and ids of the words; the id of ``<s>`` is -1.
        grams: output: last words int32 (n,), or -1 for a gram that no sentence contains (``<s>`` is not first or
            ``</s>`` is not last); hashes of the contexts and of the whole grams, uint64 (n,).
    """
    table, text, starts, ids = lexicon
    words, contexts, wholes = grams
    i, weighted = 0, 0
    while at < stop and i < len(log_probs):
        line = at
        status, log_prob, at = head(data, at)
        if status:
            return status, line, i, weighted
        state, context, last, lost = FIRST_HASH, FIRST_HASH, 0, False
        for j in range(k):
            at = skip(data, at)
            end = past(data, at)
            if end == at:
                return TOO_FEW, line, i, weighted
            word = find_word(table, text, starts, data, at, end)
            if word < 0:
                return UNKNOWN, at, i, weighted
            last, context = ids[word], state
            lost |= (last == 0 and j < k - 1) or (last < 0 and j > 0)
            state = mixed(state, last + 2)
            at = end
        status, backoff, there, at = tail(data, at, top)
        if status:
            return status, line, i, weighted
        words[i], contexts[i], wholes[i], log_probs[i] = -1 if lost else last, context, state, log_prob
        if len(backoffs):
            backoffs[i] = backoff
        weighted, i = weighted + there, i + 1
    return OK, at, i, weighted


@numba.njit(cache=True, nogil=True)
def index(hashes: Any, keys: Any, places: Any) -> None:
    """Fill a hash table (uint64 keys; int32 places, -1 in free slots) with the place of each hash."""
    for i in range(len(hashes)):
        at = slot(hashes[i], len(keys))
        while places[at] >= 0:
            at = at + 1 if at + 1 < len(keys) else 0
        keys[at], places[at] = hashes[i], i


@numba.njit(cache=True, nogil=True)
def look_up(hashes: Any, words: Any, keys: Any, places: Any) -> Any:
    """The place of each hash in a table, int32 (n,); -1 if it is missing or its word is -1."""
    found = np.full(len(hashes), -1, dtype=np.int32)
    for i in range(len(hashes)):
        if words[i] < 0:
            continue
        at = slot(hashes[i], len(keys))
        while places[at] >= 0 and keys[at] != hashes[i]:
            at = at + 1 if at + 1 < len(keys) else 0
        found[i] = places[at]
    return found
