"""The full softmax over all words: slow and exact, the reference for the two approximations."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.embeddings.word2vec.native import simd
from plugins.embeddings.word2vec.native.compiled import inner


def _dot(one: Any, other: Any, width: Any) -> Any:
    """The dot product of two rows."""
    found = simd.zeros()
    for at in range(0, width, simd.BYTES):
        found = simd.plus_product(simd.load(one + at), simd.load(other + at), found)
    return simd.total(found)


def _normalise(plan: Any) -> Any:
    """Replace scores by probabilities; returns the logarithm of the sum of the exponentials."""
    highest, found = -np.inf, 0.0
    for v in range(plan.size):
        highest = max(highest, simd.read_float32(plan.chances + 4 * v))
    for v in range(plan.size):
        found += np.exp(simd.read_float32(plan.chances + 4 * v) - highest)
    for v in range(plan.size):
        chance = np.exp(simd.read_float32(plan.chances + 4 * v) - highest) / found
        simd.write_float32(plan.chances + 4 * v, np.float32(chance))
    return highest + np.log(found)


def _move(plan: Any, x: Any, word: Any, rate: Any) -> None:
    """A step down the gradient of -log p(word | x), on row ``x`` and on all output rows."""
    change = plan.hidden + 2 * plan.width
    for at in range(0, plan.width, simd.BYTES):
        simd.store(change + at, simd.zeros())
    for v in range(plan.size):
        row = plan.outputs + v * plan.width
        right = np.float32(1 if v == word else 0)
        gain = rate * (right - simd.read_float32(plan.chances + 4 * v))
        for at in range(0, plan.width, simd.BYTES):
            output = simd.load(row + at)
            simd.store(change + at, simd.plus_scaled(output, gain, simd.load(change + at)))
            simd.store(row + at, simd.plus_scaled(simd.load(x + at), gain, output))
    for at in range(0, plan.width, simd.BYTES):
        simd.store(x + at, simd.plus(simd.load(x + at), simd.load(change + at)))


def step(plan: Any, count: Any, word: Any, rate: Any) -> Any:
    """One step for each of the first ``count`` rows of ``around``, each predicting ``word``; returns the loss."""
    loss = 0.0
    for c in range(count):
        x = simd.read_int64(plan.around + 8 * c)
        for v in range(plan.size):
            simd.write_float32(plan.chances + 4 * v, _dot(x, plan.outputs + v * plan.width, plan.width))
        score = np.float64(simd.read_float32(plan.chances + 4 * word))
        loss += _normalise(plan) - score
        _move(plan, x, word, rate)
    return loss


_dot, _normalise, _move, step = inner(_dot), inner(_normalise), inner(_move), inner(step)
