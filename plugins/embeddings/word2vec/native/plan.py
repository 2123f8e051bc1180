"""What the kernels are given: everything that one thread trains with, by address."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

GROUP = 6  # output rows that are held in registers together: a word and the usual five negatives
PIECE = 1024  # tokens of a row that are drawn at a time; windows look across
REACH, STEPS = 16.0, 64.0  # the table of the sigmoid: from -REACH to REACH, so many values a unit


class Plan(NamedTuple):
    """What one thread trains, with and how; arrays are given by address (see ``simd``).

    Args:
        text: int32 (N,), the codes of the text.
        known: int32 (codes,), the word of each code, -1 for those that are not trained on.
        keep: uint64 (V,), of 2**32 occurrences of a word so many are kept.
        accept: uint64 (V,), the alias table: of 2**32 draws of a column so many are the column's own word.
        alias: int32 (V,), the word of the others.
        size: V, the number of words.
        inputs: float32 (V, D), the vectors.
        outputs: float32 (rows + 1, D), a row a word or an inner node of the tree; the last one is spare, zeros.
        width: bytes of a row, a multiple of 64.
        negative: noise words a window; 0 for the other outputs.
        padded: 1 + negative, up to a multiple of ``GROUP``.
        window: the longest distance of a context word, a side.
        full: whether the output is the softmax over all words.
        cbow: whether the mean of the context predicts the word, else each context word alone.
        share: whether each context word is given the mean's gradient divided by their number.
        start: the learning rate at the first token.
        slope: its fall a token.
        end: it never falls below.
        starts: int64 (V + 1,), hierarchical softmax: word w has entries ``starts[w]`` to ``starts[w + 1]``.
        nodes: int32, the output row of each entry, words padded to a multiple of ``GROUP`` with the spare row.
        turns: float32, the sign of each entry: +1 left, -1 right, 0 padding.
        words: int32 (PIECE + 2 window,), the words of a piece and its neighbours.
        rows: int32 (PIECE + 2 window, padded), negative sampling: the output rows of each centre; padding is set.
        signs: float32 (padded,), +1 for the word, -1 for a negative, 0 for padding.
        around: int64 (2 window,), addresses of a window's input rows.
        targets: int64 (GROUP,), addresses of output rows.
        scores: float32 (2 window, GROUP).
        hidden: float32 (3, D), the mean of the context, what it was before the step, and the softmax's change.
        chances: float32 (V,), of the softmax.
        table: float32, what ``curve`` returns.
        state: uint64 (1,), of the random numbers.
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
    """sigmoid(x) and log(1 + exp(x)) from -REACH to REACH, each with its rise to the next: float32 (values, 4)."""
    x = np.arange(-REACH, REACH + 2 / STEPS, 1 / STEPS)
    values = np.stack([1 / (1 + np.exp(-x)), np.logaddexp(0, x)])  # (2, values)
    rises = np.diff(values, append=values[:, -1:])
    return np.stack([values[0], rises[0], values[1], rises[1]], 1).astype(np.float32)
