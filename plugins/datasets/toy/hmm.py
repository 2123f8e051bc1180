"""A class-conditional hidden Markov model as arrays, and rows drawn from it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from core.types import Float64s, Int32s, Int64s
from plugins.datasets.toy import grammar
from plugins.datasets.toy.emissions import emit
from plugins.datasets.toy.grammar import END, State


@dataclass(frozen=True, eq=False)
class Language:
    """P(class) P(states) P(words | states, class) with C classes, S hidden states, V words and K tags.

    Args:
        words: the V words.
        tags: the K tags.
        classes: the C classes.
        states: the S hidden states.
        tag: int32 (S,), the tag of each state.
        prior: float64 (C,), sums to 1.
        start: float64 (S,), sums to 1.
        move: float64 (S, S + 1), P(next state | state); the last column is the end of the row.
        emit: float64 (C, S, V), P(word | state, class).
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    classes: tuple[str, ...]
    states: tuple[State, ...]
    tag: Int32s
    prior: Float64s
    start: Float64s
    move: Float64s
    emit: Float64s


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows sampled from a language, with their hidden variables.

    Args:
        offsets: int64 (R + 1,), row ``r`` is ``words[offsets[r]:offsets[r + 1]]``.
        words: int32 (N,), word ids, rows end to end.
        states: int32 (N,), the hidden states.
        classes: int32 (R,), the classes.
    """

    offsets: Int64s
    words: Int32s
    states: Int32s
    classes: Int32s


def _successors() -> dict[State, dict[State, float]]:
    """The normalised successors of every reachable state, in the order of discovery."""
    found: dict[State, dict[State, float]] = {}
    waiting = list(_merge(grammar.start()))
    while waiting:
        state = waiting.pop(0)
        if state not in found and state != END:
            found[state] = _merge(grammar.FOLLOW[state.place](state))
            waiting.extend(found[state])
    return found


def _merge(pairs: Any) -> dict[Any, float]:
    """Weighted items, summed over duplicates and normalised."""
    total: dict[Hashable, float] = {}
    for item, weight in pairs:
        if weight > 0:
            total[item] = total.get(item, 0.0) + weight
    scale = sum(total.values())
    return {item: weight / scale for item, weight in total.items()}


def _words(state: State, sign: int) -> dict[str, float]:
    """The words of a state with their probabilities; the first words of a bag are the most frequent."""
    pairs = []
    for share, bag in emit(state, sign):
        weights = [1.0 / (rank + 8) for rank in range(len(bag))]
        pairs += [(word, share * weight / sum(weights)) for word, weight in zip(bag, weights, strict=True)]
    return _merge(pairs)


@cache
def language() -> Language:
    """The toy language, compiled from its grammar."""
    successors = _successors()
    states = tuple(successors)
    place = {state: i for i, state in enumerate((*states, END))}
    move = np.zeros((len(states), len(states) + 1))
    start = np.zeros(len(states))
    for state, weight in _merge(grammar.start()).items():
        start[place[state]] = weight
    for state, follow in successors.items():
        for other, weight in follow.items():
            move[place[state], place[other]] = weight
    bags = [[_words(state, sign) for state in states] for sign in (1, -1)]
    words = tuple(sorted({word for row in bags for bag in row for word in bag}))
    number = {word: i for i, word in enumerate(words)}
    emit = np.zeros((2, len(states), len(words)))
    for c, row in enumerate(bags):
        for s, bag in enumerate(row):
            for word, weight in bag.items():
                emit[c, s, number[word]] = weight
    tags = tuple(sorted({grammar.TAGS[state.place] for state in states}))
    tag = np.array([tags.index(grammar.TAGS[state.place]) for state in states], dtype=np.int32)
    return Language(words, tags, grammar.CLASSES, states, tag, np.full(2, 0.5), start, move, emit)


class _Draw:
    """Samples from the rows of a table by inversion; the same on every version of numpy.

    Args:
        table: float64 (S, V), each row sums to 1.
    """

    def __init__(self, table: Float64s) -> None:
        steps = np.cumsum(table, axis=1)
        self.width = table.shape[1]
        self.steps = (steps / steps[:, -1:] + np.arange(len(table))[:, None]).ravel()

    def __call__(self, rows: Int32s, uniform: Float64s) -> Int32s:
        """One column per row: ``rows`` int32 (n,), ``uniform`` float64 (n,) of 32 bits, so that sums are exact."""
        found = np.searchsorted(self.steps, rows + uniform, side="right")
        return np.asarray(found - rows * self.width, dtype=np.int32)


def sample(model: Language, rows: int, seed: list[int]) -> Sample:
    """Sample rows.

    Args:
        model: the language.
        rows: the number of rows.
        seed: the seed of the bit generator.
    """
    rng = np.random.Generator(np.random.PCG64(seed))

    def uniform(count: int) -> Float64s:
        return np.asarray(np.floor(rng.random(count) * 2.0**32) / 2.0**32)

    begin, move = _Draw(model.start[None]), _Draw(model.move)
    emit = _Draw(model.emit.reshape(-1, len(model.words)))
    size = len(model.states)
    classes = _Draw(model.prior[None])(np.zeros(rows, np.int32), uniform(rows))
    active = np.arange(rows)
    state = begin(np.zeros(rows, np.int32), uniform(rows))
    steps: list[tuple[Int64s, Int32s, Int32s]] = []
    while len(active):
        word = emit(classes[active] * np.int32(size) + state, uniform(len(active)))
        steps.append((active, word, state))
        state = move(state, uniform(len(active)))
        active, state = active[state < size], state[state < size]
    row = np.concatenate([step[0] for step in steps])
    order = np.argsort(row, kind="stable")  # by row, then by time
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int64)
    words, states = (np.concatenate([step[i] for step in steps])[order] for i in (1, 2))
    return Sample(offsets, words, states, classes)
