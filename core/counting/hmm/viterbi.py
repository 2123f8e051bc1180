"""Exact Viterbi over the tags that each token can have, for a transition model of any order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np

from core.counting.base import CountModel
from core.data.vocab import END, FIRST, UNK
from core.errors import ConfigError
from core.types import Float64s, Int32s, Int64s

UNBOUNDED = 3  # tags in a state, for a model that reads the whole row
MAX_STATES = 1 << 25  # the map from states to table rows takes 4 bytes per state
SPAN = 1024  # tokens of a row whose previous states are held in memory
HISTORIES = 1024  # histories per call of the transition model


@dataclass(frozen=True)
class Lattice:
    """The tags that each token can have."""

    forms: Int64s  # (N,), the form of each token, rows concatenated without END
    offsets: Int64s  # (R + 1,), rows of ``forms``
    starts: Int64s  # (F + 1,), the tags of form ``f`` are ``tags[starts[f]:starts[f + 1]]``
    tags: Int64s  # (E,), codes of states from 1; 0 is END
    emissions: Float64s  # (E,), natural logs of P(form | tag), up to a constant per form


@dataclass(frozen=True)
class Transitions:
    """The log-probabilities of END and of each tag after each state, a state being the last few tags."""

    index: (
        Int32s  # (base ** size,), the row of each state by its code, whose digits are its tags; -1 if not reached
    )
    table: Float64s  # (U, base)
    size: int  # tags in a state
    base: int  # tags, and END

    @classmethod
    def of(cls, lattice: Lattice, model: CountModel) -> Transitions:
        """The transitions between the states that the rows can reach; see ``best_tags``."""
        base, bound = model.vocab_size - UNK, model.context_size
        size = UNBOUNDED if bound is None else max(1, bound)
        if base**size > MAX_STATES:
            what = f"{base - 1} refined tags in contexts of {size} make too many states"
            remedy = "choose a lower order, or fewer words as states (head.words)"
            raise ConfigError(what, where="encoder.order", remedy=remedy)
        index = np.full(base**size, -1, dtype=np.int32)
        _reach(lattice.forms, lattice.offsets, lattice.starts, lattice.tags, index, size, base)
        states = np.flatnonzero(index == 0)
        index[states] = np.arange(len(states))
        return cls(index, _tabulate(model, states, size, base), size, base)


def best_tags(lattice: Lattice, model: CountModel) -> Int64s:
    """Find the most probable tags (Viterbi, 1967), including the transition to END; a state is the last few tags.

    Args:
        lattice: the tags that each token can have.
        model: the transitions, over END, UNK and the tags.

    Returns:
        int64 (N,), codes from 1.

    Raises:
        ConfigError: the context of the model is too long for so many tags.
    """
    moves = Transitions.of(lattice, model)
    parts = (lattice.forms, lattice.starts, lattice.tags, lattice.emissions, moves.index, moves.table)
    return np.asarray(_decode(lattice.offsets, parts, moves.size, moves.base, SPAN), dtype=np.int64)


def _tabulate(model: CountModel, states: Int64s, size: int, base: int) -> Float64s:
    """The log-probability of END and of each tag after each state, float64 (U, base)."""
    digits = states[:, None] // base ** np.arange(size - 1, -1, -1) % base  # (U, size)
    histories = np.where(digits > 0, digits + FIRST - 1, END).astype(np.int32)
    table = np.empty((len(states), base))
    for i in range(0, len(states), HISTORIES):
        log_probs = model.next_log_probs(histories[i : i + HISTORIES])
        table[i : i + HISTORIES, 0], table[i : i + HISTORIES, 1:] = log_probs[:, END], log_probs[:, FIRST:]
    return table


def advance(codes: Any, drop: int, tags: Any, base: int, modulus: int) -> Any:
    """The states after one more token: the oldest tag drops out, and the new tag is the last digit."""
    rest = len(codes) // drop
    after = np.empty(rest * len(tags), dtype=np.int64)
    for r in range(rest):
        for c in range(len(tags)):
            after[r * len(tags) + c] = (codes[r] * base + tags[c]) % modulus
    return after


def choices_of(forms: Any, starts: Any, t: int, first: int) -> int:
    """How many tags the token at ``t`` can have; one if ``t`` is before the row."""
    return starts[forms[t] + 1] - starts[forms[t]] if t >= first else 1


def _reach(forms: Any, offsets: Any, starts: Any, tags: Any, index: Any, size: int, base: int) -> None:
    """Mark with 0 each state that some row can reach."""
    for row in range(len(offsets) - 1):
        first, codes = offsets[row], np.zeros(1, dtype=np.int64)
        index[0] = 0
        for t in range(first, offsets[row + 1]):
            drop = choices_of(forms, starts, t - size, first)
            codes = advance(codes, drop, tags[starts[forms[t]] : starts[forms[t] + 1]], base, len(index))
            for s in range(len(codes)):
                index[codes[s]] = 0


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
advance = numba.njit(cache=True)(advance)
choices_of = numba.njit(cache=True)(choices_of)
_reach = numba.njit(cache=True)(_reach)
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
    best_tags(lattice, _Uniform())  # type: ignore[arg-type] # it has all that Viterbi needs
