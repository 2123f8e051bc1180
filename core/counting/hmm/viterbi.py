"""Exact Viterbi over the tags that each token can have, for a transition model of any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from core.counting.base import CountModel
from core.data.vocab import END, FIRST, UNK
from core.errors import ConfigError
from core.types import Float64s, Int64s

UNBOUNDED = 3  # the tags kept as state under a model that looks at all of the row
MAX_STATES = 1 << 25  # the map from states to table rows takes 4 bytes each
HISTORIES = 1024  # asked of the transition model at a time


@dataclass(frozen=True)
class Lattice:
    """What each token can be.

    Args:
        forms: int64 (N,), the form of each token, rows end to end without END.
        offsets: int64 (R + 1,), rows of ``forms``.
        starts: int64 (F + 1,), the tags of form ``f`` are ``tags[starts[f]:starts[f + 1]]``.
        tags: int64 (E,), codes from 1 (of refined tags, where the head has some); 0 stands for END.
        emissions: float64 (E,), natural logs of P(form | tag), up to a constant a form.
    """

    forms: Int64s
    offsets: Int64s
    starts: Int64s
    tags: Int64s
    emissions: Float64s


def best_tags(lattice: Lattice, model: CountModel) -> Int64s:
    """The most probable tags (Viterbi, 1967), with the transition to END; a state is the tags that matter next.

    Args:
        lattice: what each token can be.
        model: the transitions, over END, UNK and the tags.

    Returns:
        int64 (N,), codes from 1.

    Raises:
        ConfigError: the model looks too far back for so many tags.
    """
    base, bound = model.vocab_size - UNK, model.context_size
    size = UNBOUNDED if bound is None else max(1, bound)
    if base**size > MAX_STATES:
        raise ConfigError(
            f"{base - 1} refined tags in contexts of {size} make too many states",
            where="encoder.order",
            remedy="choose a lower order, or fewer words as states (head.words)",
        )
    places = np.full(base**size, -1, dtype=np.int32)
    parts = (lattice.forms, lattice.offsets, lattice.starts, lattice.tags)
    _reach(*parts, places, size, base)
    states = np.flatnonzero(places == 0)
    places[states] = np.arange(len(states))
    table = _tabulate(model, states, size, base)  # (U, base)
    return np.asarray(_decode(*parts, lattice.emissions, places, table, size, base), dtype=np.int64)


def _tabulate(model: CountModel, states: Int64s, size: int, base: int) -> Float64s:
    """The log-probability of END and of each tag after each state, float64 (U, base)."""
    digits = states[:, None] // base ** np.arange(size - 1, -1, -1) % base  # (U, size)
    histories = np.where(digits > 0, digits + FIRST - 1, END).astype(np.int32)
    table = np.empty((len(states), base))
    for i in range(0, len(states), HISTORIES):
        found = model.next_log_probs(histories[i : i + HISTORIES])
        table[i : i + HISTORIES, 0], table[i : i + HISTORIES, 1:] = found[:, END], found[:, FIRST:]
    return table


def _advance(codes: Any, drop: int, tags: Any, base: int, modulus: int) -> Any:
    """The states after one more token: the oldest token's choice leaves, the new one's is the last digit."""
    rest = len(codes) // drop
    after = np.empty(rest * len(tags), dtype=np.int64)
    for r in range(rest):
        for c in range(len(tags)):
            after[r * len(tags) + c] = (codes[r] * base + tags[c]) % modulus
    return after


def _choices(forms: Any, starts: Any, t: int, first: int) -> int:
    """How many tags the token at ``t`` can have; one where ``t`` stands before the row."""
    return starts[forms[t] + 1] - starts[forms[t]] if t >= first else 1


def _reach(forms: Any, offsets: Any, starts: Any, tags: Any, places: Any, size: int, base: int) -> None:
    """Mark with 0 each state that some row can be in."""
    for row in range(len(offsets) - 1):
        first, codes = offsets[row], np.zeros(1, dtype=np.int64)
        places[0] = 0
        for t in range(first, offsets[row + 1]):
            drop = _choices(forms, starts, t - size, first)
            codes = _advance(codes, drop, tags[starts[forms[t]] : starts[forms[t] + 1]], base, len(places))
            for s in range(len(codes)):
                places[codes[s]] = 0


def _step(scores: Any, lines: Any, table: Any, drop: int, tags: Any, emissions: Any, origins: Any) -> Any:
    """The best score of each state after one more token; ``origins`` is given the state that it came from."""
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
    forms: Any,
    offsets: Any,
    starts: Any,
    tags: Any,
    emissions: Any,
    places: Any,
    table: Any,
    size: int,
    base: int,
) -> Any:
    """The best tag of each token; among equals the first."""
    answer = np.empty(len(forms), dtype=np.int64)
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        sizes = np.ones(last - first, dtype=np.int64)  # how many states stand after each token
        for t in range(first, last):
            for back in range(size):
                sizes[t - first] *= _choices(forms, starts, t - back, first)
        origins, at = np.empty(sizes.sum(), dtype=np.int64), 0
        scores, codes = np.zeros(1), np.zeros(1, dtype=np.int64)
        for t in range(first, last):
            span = slice(starts[forms[t]], starts[forms[t] + 1])
            drop = _choices(forms, starts, t - size, first)
            scores = _step(scores, places[codes], table, drop, tags[span], emissions[span], origins[at:])
            codes = _advance(codes, drop, tags[span], base, len(places))
            at += sizes[t - first]
        for s in range(len(codes)):
            scores[s] += table[places[codes[s]], 0]
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
