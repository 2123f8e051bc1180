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
HISTORIES = 1024  # histories per call of the transition model


@dataclass(frozen=True)
class Lattice:
    """The tags that each token can have."""

    forms: Int64s  # (N,), the form of each token, rows concatenated without END
    offsets: Int64s  # (R + 1,), rows of ``forms``
    starts: Int64s  # (F + 1,), the tags of form ``f`` are ``tags[starts[f]:starts[f + 1]]``
    tags: Int64s  # (E,), codes of states from 1; 0 is END
    emissions: Float64s  # (E,), natural logs of P(form | tag), up to a constant per form


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
    base, bound = model.vocab_size - UNK, model.context_size
    size = UNBOUNDED if bound is None else max(1, bound)
    if base**size > MAX_STATES:
        what = f"{base - 1} refined tags in contexts of {size} make too many states"
        remedy = "choose a lower order, or fewer words as states (head.words)"
        raise ConfigError(what, where="encoder.order", remedy=remedy)
    index = np.full(base**size, -1, dtype=np.int32)
    parts = (lattice.forms, lattice.offsets, lattice.starts, lattice.tags)
    _reach(*parts, index, size, base)
    states = np.flatnonzero(index == 0)
    index[states] = np.arange(len(states))
    table = _tabulate(model, states, size, base)  # (U, base)
    return np.asarray(_decode(*parts, lattice.emissions, index, table, size, base), dtype=np.int64)


def _tabulate(model: CountModel, states: Int64s, size: int, base: int) -> Float64s:
    """The log-probability of END and of each tag after each state, float64 (U, base)."""
    digits = states[:, None] // base ** np.arange(size - 1, -1, -1) % base  # (U, size)
    histories = np.where(digits > 0, digits + FIRST - 1, END).astype(np.int32)
    table = np.empty((len(states), base))
    for i in range(0, len(states), HISTORIES):
        log_probs = model.next_log_probs(histories[i : i + HISTORIES])
        table[i : i + HISTORIES, 0], table[i : i + HISTORIES, 1:] = log_probs[:, END], log_probs[:, FIRST:]
    return table


def _advance(codes: Any, drop: int, tags: Any, base: int, modulus: int) -> Any:
    """The states after one more token: the oldest tag drops out, and the new tag is the last digit."""
    rest = len(codes) // drop
    after = np.empty(rest * len(tags), dtype=np.int64)
    for r in range(rest):
        for c in range(len(tags)):
            after[r * len(tags) + c] = (codes[r] * base + tags[c]) % modulus
    return after


def _choices(forms: Any, starts: Any, t: int, first: int) -> int:
    """How many tags the token at ``t`` can have; one if ``t`` is before the row."""
    return starts[forms[t] + 1] - starts[forms[t]] if t >= first else 1


def _reach(forms: Any, offsets: Any, starts: Any, tags: Any, index: Any, size: int, base: int) -> None:
    """Mark with 0 each state that some row can reach."""
    for row in range(len(offsets) - 1):
        first, codes = offsets[row], np.zeros(1, dtype=np.int64)
        index[0] = 0
        for t in range(first, offsets[row + 1]):
            drop = _choices(forms, starts, t - size, first)
            codes = _advance(codes, drop, tags[starts[forms[t]] : starts[forms[t] + 1]], base, len(index))
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


def _decode(
    forms: Any, offsets: Any, starts: Any, tags: Any, emissions: Any, index: Any, table: Any, size: int, base: int
) -> Any:
    """The best tag of each token; the first of equal ones."""
    answer = np.empty(len(forms), dtype=np.int64)
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        sizes = np.ones(last - first, dtype=np.int64)  # the number of states after each token
        for t in range(first, last):
            for back in range(size):
                sizes[t - first] *= _choices(forms, starts, t - back, first)
        origins, at = np.empty(sizes.sum(), dtype=np.int64), 0
        scores, codes = np.zeros(1), np.zeros(1, dtype=np.int64)
        for t in range(first, last):
            span = slice(starts[forms[t]], starts[forms[t] + 1])
            drop = _choices(forms, starts, t - size, first)
            scores = _step(scores, index[codes], table, drop, tags[span], emissions[span], origins[at:])
            codes = _advance(codes, drop, tags[span], base, len(index))
            at += sizes[t - first]
        for s in range(len(codes)):
            scores[s] += table[index[codes[s]], 0]
        state = np.argmax(scores)
        for t in range(last - 1, first - 1, -1):
            answer[t] = tags[starts[forms[t]] + state % _choices(forms, starts, t, first)]
            at -= sizes[t - first]
            state = origins[at + state]
    return answer


_advance = numba.njit(cache=True)(_advance)
_choices = numba.njit(cache=True)(_choices)
_reach = numba.njit(cache=True)(_reach)
_step = numba.njit(cache=True)(_step)
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
