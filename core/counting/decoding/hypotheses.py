"""Partial translations as arrays: how they grow, which are equal, which are kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from core.counting.decoding.futures import future_of
from core.types import Array, Bools, Float64s, Int32s, Int64s

WINDOW = 62  # source words from the first one that is not covered, within which all covered ones are


class Hypotheses(NamedTuple):
    """Partial translations; those with as many covered words compete with each other.

    Args:
        rows: int64 (N,), the row that each translates.
        firsts: int64 (N,), its first source word that is not covered.
        masks: int64 (N,), bit n: whether word ``first + n`` is covered.
        lasts: int64 (N,), the source word after the phrase that was translated last.
        scores: float64 (N,), of what is translated.
        futures: float64 (N,), what the rest is likely to score.
        parents: int64 (N,), the number of the hypothesis that it extends, -1 for an empty one.
        options: int64 (N,), the option by which it extends it.
        states: int32 (N, C), its last target words, right-aligned, END before the first one.
    """

    rows: Int64s
    firsts: Int64s
    masks: Int64s
    lasts: Int64s
    scores: Float64s
    futures: Float64s
    parents: Int64s
    options: Int64s
    states: Int32s

    def select(self, index: Array) -> Hypotheses:
        """Some of them."""
        return Hypotheses._make(array[index] for array in self)


def empty(rows: int, futures: Float64s, width: int) -> Hypotheses:
    """One hypothesis per row that covers nothing."""
    zeros, none = np.zeros(rows, dtype=np.int64), np.full(rows, -1, dtype=np.int64)
    states = np.zeros((rows, width), dtype=np.int32)
    return Hypotheses(np.arange(rows), zeros, zeros, zeros, np.zeros(rows), futures, none, none, states)


def join(parts: list[Hypotheses]) -> Hypotheses:
    """All of them; shorter states get ENDs on the left."""
    width = max(part.states.shape[1] for part in parts)
    widened = [part._replace(states=widen(part.states, width)) for part in parts]
    return Hypotheses._make(np.concatenate(arrays) for arrays in zip(*widened, strict=True))


def widen(states: Int32s, width: int) -> Int32s:
    """States of at least ``width`` words."""
    return np.pad(states, ((0, 0), (max(0, width - states.shape[1]), 0)))


def best(found: Hypotheses, beam: int) -> Int64s:
    """The best ``beam`` of each row, of equal ones only the best one, in the order of rows.

    Two are equal if they cover the same words, jump from the same place, and have the same last target words: then
    whatever is good for one is good for the other.
    """
    order = np.lexsort((-(found.scores + found.futures), found.rows))
    keep = _distinct(order, found.rows, found.firsts, found.masks, found.lasts, found.states, beam)
    return np.asarray(order[keep])


@numba.njit(cache=True)
def _distinct(order: Any, rows: Any, firsts: Any, masks: Any, lasts: Any, states: Any, beam: int) -> Any:
    keep, kept = np.zeros(len(order), dtype=np.bool_), np.empty(len(order), dtype=np.int64)
    begin, end = 0, 0  # of the kept ones of the row
    for n in range(len(order)):
        own = order[n]
        if n and rows[own] != rows[order[n - 1]]:
            begin = end
        if end - begin >= beam:
            continue
        new = True
        for place in range(begin, end):
            other = kept[place]
            same = firsts[own] == firsts[other] and masks[own] == masks[other] and lasts[own] == lasts[other]
            if same and (states[own] == states[other]).all():
                new = False
                break
        if new:
            keep[n], kept[end] = True, own
            end += 1
    return keep


class Moves(NamedTuple):
    """Extensions of hypotheses by one phrase.

    Args:
        parents: int64 (M,), which of the hypotheses.
        options: int64 (M,), by which option.
        firsts, masks, futures: of the result.
    """

    parents: Int64s
    options: Int64s
    firsts: Int64s
    masks: Int64s
    futures: Float64s


def extend(found: Hypotheses, options: tuple[Int64s, Int32s, Int32s], futures: Any, distortion: int) -> Moves:
    """All extensions: phrases that begin at most ``distortion`` words after the first uncovered word.

    Args:
        found: hypotheses.
        options: rows, starts and lengths of ``Options``.
        futures: for the rows, see ``future_scores``: numba's typed list of both results.
        distortion: source words.
    """
    parts = (found.rows, found.firsts, found.masks, *options, distortion)
    none = np.empty(0, np.int64)
    size = _extend(*parts, futures, none, none, none, none, np.empty(0))
    result = Moves._make([*(np.empty(size, dtype=np.int64) for _ in range(4)), np.empty(size)])
    _extend(*parts, futures, *result)
    return result


@numba.njit(cache=True)
def _extend(
    rows: Any,
    firsts: Any,
    masks: Any,
    option_rows: Any,
    starts: Any,
    lengths: Any,
    distortion: int,
    futures: Any,
    parents: Any,
    options: Any,
    new_firsts: Any,
    new_masks: Any,
    new_futures: Any,
) -> int:
    count = 0
    for n in range(len(rows)):
        low, high = option_rows[rows[n]], option_rows[rows[n] + 1]
        best, rest = futures[rows[n]]
        at = low + np.searchsorted(starts[low:high], firsts[n])
        while at < high and starts[at] <= firsts[n] + distortion:
            shift = starts[at] - firsts[n]
            own = ((np.int64(1) << np.int64(lengths[at])) - 1) << np.int64(shift)
            if shift + lengths[at] <= WINDOW and not masks[n] & own:
                if len(parents):
                    first, mask = firsts[n], masks[n] | own
                    while mask & 1:
                        mask >>= 1
                        first += 1
                    parents[count], options[count], new_firsts[count], new_masks[count] = n, at, first, mask
                    new_futures[count] = future_of(first, mask, best, rest)
                count += 1
            at += 1
    return count


@numba.njit(cache=True)
def most_promising(rows: Any, lengths: Any, scores: Any, most: int) -> Any:
    """Which moves are among the best ``most`` of their row and number of source words: bool (M,).

    Args:
        rows: int (M,), ascending.
        lengths: int (M,).
        scores: float (M,).
        most: how many.
    """
    keep = np.zeros(len(rows), dtype=np.bool_)
    begin = 0
    while begin < len(rows):
        end = begin
        longest = 0
        while end < len(rows) and rows[end] == rows[begin]:
            longest = max(longest, lengths[end])
            end += 1
        for length in range(1, longest + 1):
            own = begin + np.flatnonzero(lengths[begin:end] == length)
            if len(own) > most:
                own = own[np.argsort(-scores[own], kind="mergesort")[:most]]
            keep[own] = True
        begin = end
    return keep


def select(moves: Moves, keep: Bools) -> Moves:
    """Some moves."""
    return Moves._make(array[keep] for array in moves)


@numba.njit(cache=True)
def append_words(states: Any, words: Any, bounds: Any) -> Any:
    """The last words of each state after those of a phrase: int32 (M, C)."""
    result, width = np.empty_like(states), states.shape[1]
    for n in range(len(states)):
        first, last = bounds[n]
        size = min(width, last - first)
        result[n, : width - size] = states[n, size:]
        result[n, width - size :] = words[last - size : last]
    return result


@numba.njit(cache=True)
def trace(complete: Any, parents: Any, options: Any) -> Any:
    """The options of each row's hypothesis in the order of the target, and where those of each row begin."""
    offsets = np.zeros(len(complete) + 1, dtype=np.int64)
    for row in range(len(complete)):
        offsets[row + 1], at = offsets[row], complete[row]
        while parents[at] >= 0:
            offsets[row + 1], at = offsets[row + 1] + 1, parents[at]
    steps = np.empty(offsets[-1], dtype=np.int64)
    for row in range(len(complete)):
        place, at = offsets[row + 1], complete[row]
        while parents[at] >= 0:
            place -= 1
            steps[place], at = options[at], parents[at]
    return offsets, steps
