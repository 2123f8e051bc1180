"""The states of a tagger that rows can reach, and the log-probabilities of what follows each."""

from __future__ import annotations

from dataclasses import dataclass
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
NEW = -2  # the mark of a state that is reached for the first time
KEPT = 1 << 22  # numbers in the table that is kept for the next rows


@dataclass(frozen=True)
class Lattice:
    """The tags that each token can have."""

    forms: Int64s  # (N,), the form of each token, rows concatenated without END
    offsets: Int64s  # (R + 1,), rows of ``forms``
    starts: Int64s  # (F + 1,), the tags of form ``f`` are ``tags[starts[f]:starts[f + 1]]``
    tags: Int64s  # (E,), codes of states from 1; 0 is END
    emissions: Float64s  # (E,), natural logs of P(form | tag), up to a constant per form


@dataclass(frozen=True)
class Table:
    """The log-probabilities of END and of each tag after each state."""

    index: (
        Int32s  # (base ** size,), the row of each state by its code, whose digits are its tags; -1: not tabulated
    )
    log_probs: Float64s  # (U, base)


class Transitions:
    """A transition model between states, a state being the last few tags; threads may share it.

    The rows of the states that were reached are kept for the next rows, up to a limit.

    Args:
        model: the transitions, over END, UNK and the tags.
        weights: float64 (base, base), added to the log-probability of a code after another one, END being 0.
    """

    def __init__(self, model: CountModel, weights: Float64s | None = None) -> None:
        self.weights = weights
        self.model, self.base, bound = model, model.vocab_size - UNK, model.context_size  # tags, and END
        self.size = UNBOUNDED if bound is None else max(1, bound)  # tags in a state
        self.kept: Table | None = None

    def _empty(self) -> Table:
        if self.base**self.size > MAX_STATES:
            what = f"{self.base - 1} refined tags in contexts of {self.size} make too many states"
            remedy = "choose a lower order, or fewer words as states (head.words)"
            raise ConfigError(what, where="encoder.order", remedy=remedy)
        return Table(np.full(self.base**self.size, -1, dtype=np.int32), np.empty((0, self.base)))

    def table(self, lattice: Lattice) -> Table:
        """A table of at least the states that some rows can reach; it never changes.

        Raises:
            ConfigError: the context of the model is too long for so many tags.
        """
        parts, known = (lattice.forms, lattice.offsets, lattice.starts, lattice.tags), self.kept or self._empty()
        if _all_known(*parts, known.index, self.size, self.base):
            return known
        index = known.index.copy()
        _reach(*parts, index, self.size, self.base)
        if (len(known.log_probs) + np.count_nonzero(index == NEW)) * self.base > KEPT and len(known.log_probs):
            known = self._empty()  # only the states of these rows
            index = known.index.copy()
            _reach(*parts, index, self.size, self.base)
        states = np.flatnonzero(index == NEW)
        index[states] = len(known.log_probs) + np.arange(len(states))
        rows = _tabulate(self.model, states, self.size, self.base)  # (U, base)
        if self.weights is not None:
            rows += self.weights[states % self.base]  # of the last tag
        found = Table(index, np.concatenate([known.log_probs, rows]))
        if found.log_probs.size <= KEPT:
            self.kept = found  # at once, so that another thread reads the old table or the new one
        return found


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
    """Mark as new each state that some row can reach and that has no row in the table."""
    for row in range(len(offsets) - 1):
        first, codes = offsets[row], np.zeros(1, dtype=np.int64)
        if index[0] == -1:
            index[0] = NEW
        for t in range(first, offsets[row + 1]):
            drop = choices_of(forms, starts, t - size, first)
            codes = advance(codes, drop, tags[starts[forms[t]] : starts[forms[t] + 1]], base, len(index))
            for s in range(len(codes)):
                if index[codes[s]] == -1:
                    index[codes[s]] = NEW


def _all_known(forms: Any, offsets: Any, starts: Any, tags: Any, index: Any, size: int, base: int) -> bool:
    """Whether each state that some row can reach has a row in the table."""
    for row in range(len(offsets) - 1):
        first, codes = offsets[row], np.zeros(1, dtype=np.int64)
        if index[0] < 0:
            return False
        for t in range(first, offsets[row + 1]):
            drop = choices_of(forms, starts, t - size, first)
            codes = advance(codes, drop, tags[starts[forms[t]] : starts[forms[t] + 1]], base, len(index))
            for s in range(len(codes)):
                if index[codes[s]] < 0:
                    return False
    return True


advance = numba.njit(cache=True)(advance)
choices_of = numba.njit(cache=True)(choices_of)
_reach = numba.njit(cache=True)(_reach)
_all_known = numba.njit(cache=True)(_all_known)
