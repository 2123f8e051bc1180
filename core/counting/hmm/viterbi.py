"""Exact Viterbi over the tags that each token can have, for a transition model of any order."""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np

from core.counting.hmm.transitions import Lattice, Transitions, advance, choices_of
from core.data.vocab import FIRST
from core.types import Float64s, Int32s, Int64s

SPAN = 1024  # tokens of a row whose previous states are held in memory


def best_tags(lattice: Lattice, transitions: Transitions) -> Int64s:
    """Find the most probable tags (Viterbi, 1967), including the transition to END; a state is the last few tags.

    Args:
        lattice: the tags that each token can have.
        transitions: over END and the tags.

    Returns:
        int64 (N,), codes from 1.
    """
    moves = transitions.table(lattice)
    parts = (lattice.forms, lattice.starts, lattice.tags, lattice.emissions, moves.index, moves.log_probs)
    return np.asarray(_decode(lattice.offsets, parts, transitions.size, transitions.base, SPAN), dtype=np.int64)


def _step(scores: Any, lines: Any, table: Any, drop: int, tags: Any, emissions: Any, origins: Any) -> Any:
    """The best score of each state after one more token; writes the previous state of each to ``origins``."""
    rest = len(scores) // drop
    after = np.empty(rest * len(tags))
    for r in range(rest):
        for c in range(len(tags)):
            best, origin = -np.inf, r
            for s in range(r, len(scores), rest):
                score = scores[s] + table[lines[s], tags[c]]
                if score > best:
                    best, origin = score, s
            after[r * len(tags) + c] = best + emissions[c]
            origins[r * len(tags) + c] = origin
    return after


def width_of(forms: Any, starts: Any, t: int, size: int, first: int) -> int:
    """How many states there are after the token at ``t``."""
    width = 1
    for back in range(size):
        width *= choices_of(forms, starts, t - back, first)
    return width


def _run(span: Any, first: int, scores: Any, codes: Any, parts: Any, size: int, base: int) -> Any:
    """The scores and codes of the states after the tokens of a span of a row that starts at ``first``.

    The third array has the previous states of the states after each token, one token after the other.
    """
    forms, starts, tags, emissions, index, table = parts
    at, sizes = 0, 0
    for t in range(span[0], span[1]):
        sizes += width_of(forms, starts, t, size, first)
    origins = np.empty(sizes, dtype=np.int64)
    for t in range(span[0], span[1]):
        own = slice(starts[forms[t]], starts[forms[t] + 1])
        drop = choices_of(forms, starts, t - size, first)
        scores = _step(scores, index[codes], table, drop, tags[own], emissions[own], origins[at:])
        codes = advance(codes, drop, tags[own], base, len(index))
        at += len(codes)
    return scores, codes, origins


def bounds_of(forms: Any, starts: Any, first: int, last: int, tokens: int, size: int) -> Any:
    """Where the spans of a row begin, and where in one array the scores of the states before each are stored."""
    begins = np.arange(first, max(last, first + 1), tokens)
    stored = np.zeros(len(begins) + 1, dtype=np.int64)
    for number in range(len(begins)):
        stored[number + 1] = stored[number] + width_of(forms, starts, begins[number] - 1, size, first)
    return begins, stored


def _trace(span: Any, first: int, state: int, origins: Any, parts: Any, size: int, answer: Any) -> int:
    """Write the best tags of a span, from the best state after it; returns the best state before it."""
    forms, starts, tags, _, _, _ = parts
    at = len(origins)
    for t in range(span[1] - 1, span[0] - 1, -1):
        answer[t] = tags[starts[forms[t]] + state % choices_of(forms, starts, t, first)]
        at -= width_of(forms, starts, t, size, first)
        state = origins[at + state]
    return state


def _decode(offsets: Any, parts: Any, size: int, base: int, tokens: int) -> Any:
    """The best tag of each token; the first of equal ones.

    A row is read in spans of some tokens: only the scores between them are stored, and the origins within a span
    are computed again on the way back, so that the memory does not grow with states times tokens.
    """
    forms, starts, _, _, index, table = parts
    answer = np.empty(offsets[-1], dtype=np.int64)
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        begins, stored = bounds_of(forms, starts, first, last, tokens, size)
        all_scores, all_codes = np.zeros(stored[-1]), np.zeros(stored[-1], dtype=np.int64)
        for number in range(len(begins) - 1):
            own, after = slice(stored[number], stored[number + 1]), slice(stored[number + 1], stored[number + 2])
            span = begins[number], begins[number + 1]
            scores, codes, _ = _run(span, first, all_scores[own], all_codes[own], parts, size, base)
            all_scores[after], all_codes[after] = scores, codes
        state = 0
        for number in range(len(begins) - 1, -1, -1):
            own = slice(stored[number], stored[number + 1])
            span = begins[number], min(last, begins[number] + tokens)
            scores, codes, origins = _run(span, first, all_scores[own], all_codes[own], parts, size, base)
            if span[1] == last:
                for s in range(len(codes)):
                    scores[s] += table[index[codes[s]], 0]
                state = int(np.argmax(scores))
            state = _trace(span, first, state, origins, parts, size, answer)
    return answer


bounds_of = numba.njit(cache=True)(bounds_of)
_trace = numba.njit(cache=True)(_trace)
_step = numba.njit(cache=True)(_step)
width_of = numba.njit(cache=True)(width_of)
_run = numba.njit(cache=True)(_run)
_decode = numba.njit(cache=True)(_decode)


class _Uniform:
    """A transition model in which all tags are equally likely."""

    vocab_size, context_size = FIRST + 1, 1

    def next_log_probs(self, histories: Int32s) -> Float64s:
        return np.zeros((len(histories), self.vocab_size))


@cache
def compile_kernels() -> None:
    """Tag one token: the first call in a process compiles the kernels, or reads them from numba's cache."""
    zero, bounds = np.zeros(1, dtype=np.int64), np.arange(2)
    lattice = Lattice(zero, bounds, bounds, np.ones(1, dtype=np.int64), np.zeros(1))
    best_tags(lattice, Transitions(_Uniform()))  # type: ignore[arg-type] # it has all that Viterbi needs
