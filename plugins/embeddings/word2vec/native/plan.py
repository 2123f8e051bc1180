"""The arguments of the kernels: everything that one thread trains with, by address."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

GROUP = 6  # output rows held in registers together: a word and the usual five negatives
PIECE = 1024  # tokens of a row that are drawn at a time; windows cross pieces
REACH, STEPS = 16.0, 64.0  # the sigmoid table: from -REACH to REACH, with STEPS values per unit


class Plan(NamedTuple):
    """The tables, buffers and settings of one thread; arrays are given by address (see ``simd``).

    Args:
        text: int32 (N,), the codes of the text.
        known: int32 (codes,), the word of each code, -1 for codes without a vector.
        keep: uint64 (V,), how many of 2**32 occurrences of a word are kept.
        accept: uint64 (V,), the alias table: how many of 2**32 draws of a column are the word of the column.
        alias: int32 (V,), the word of the other draws.
        size: V, the number of words.
        inputs: float32 (V, D), the vectors.
        outputs: float32 (rows + 1, D), one row per word or inner node of the tree; the last row is spare, zeros.
        width: bytes per row, a multiple of 64.
        negative: noise words per window; 0 for the other outputs.
        padded: 1 + negative, rounded up to a multiple of ``GROUP``.
        window: the maximum distance of a context word, per side.
        full: whether the output is the full softmax.
        cbow: whether the mean of the context predicts the word, else each context word.
        share: whether the gradient of the mean is divided by the number of context words.
        start: the initial learning rate.
        slope: the decay of the learning rate per token.
        end: the final learning rate.
        starts: int64 (V + 1,), hierarchical softmax: word w has entries ``starts[w]`` to ``starts[w + 1]``.
        nodes: int32, the output row of each entry, words padded to a multiple of ``GROUP`` with the spare row.
        turns: float32, the sign of each entry: +1 left, -1 right, 0 padding.
        words: int32 (PIECE + 2 window,), the words of a piece and its neighbours.
        rows: int32 (PIECE + 2 window, padded), negative sampling: the output rows of each centre and padding.
        signs: float32 (padded,), +1 for the word, -1 for a negative, 0 for padding.
        around: int64 (2 window,), addresses of a window's input rows.
        targets: int64 (GROUP,), addresses of output rows.
        scores: float32 (2 window, GROUP).
        hidden: float32 (3, D), the mean of the context, its value before the step, and the change by the softmax.
        chances: float32 (V,), the probabilities of the softmax.
        table: float32, the result of ``curve``.
        state: uint64 (1,), the state of the random numbers.
    """

    text: int
    known: int
    keep: int
    accept: int
    alias: int
    size: int
    inputs: int
    outputs: int
    width: int
    negative: int
    padded: int
    window: int
    full: bool
    cbow: bool
    share: bool
    start: float
    slope: float
    end: float
    starts: int
    nodes: int
    turns: int
    words: int
    rows: int
    signs: int
    around: int
    targets: int
    scores: int
    hidden: int
    chances: int
    table: int
    state: int


def curve() -> Any:
    """sigmoid(x) and log(1 + exp(x)) from -REACH to REACH, each with the step to the next one: float32 (n, 4)."""
    x = np.arange(-REACH, REACH + 2 / STEPS, 1 / STEPS)
    values = np.stack([1 / (1 + np.exp(-x)), np.logaddexp(0, x)])  # (2, values)
    rises = np.diff(values, append=values[:, -1:])
    return np.stack([values[0], rises[0], values[1], rises[1]], 1).astype(np.float32)
