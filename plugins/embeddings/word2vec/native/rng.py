"""Random numbers, and the draws of the kernels: subsampled words and noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.embeddings.word2vec.native import simd
from plugins.embeddings.word2vec.native.compiled import inner


@inner
def random(plan: Any) -> Any:
    """64 random bits (splitmix64; Steele et al., 2014)."""
    z = simd.read_uint64(plan.state) + np.uint64(0x9E3779B97F4A7C15)
    simd.write_uint64(plan.state, z)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@inner
def draw_noise(plan: Any) -> Any:
    """A word of the noise distribution, by the alias table (Walker, 1977)."""
    bits = random(plan)
    column = np.int64(((bits >> np.uint64(32)) * np.uint64(plan.size)) >> np.uint64(32))
    if (bits & np.uint64(0xFFFFFFFF)) < simd.read_uint64(plan.accept + 8 * column):
        return column
    return simd.read_int32(plan.alias + 4 * column)


@inner
def draw_word(plan: Any, t: Any) -> Any:
    """The word of token ``t``, -1 if it is dropped or has no vector."""
    word = simd.read_int32(plan.known + 4 * simd.read_int32(plan.text + 4 * t))
    if word >= 0 and (random(plan) >> np.uint64(32)) >= simd.read_uint64(plan.keep + 8 * word):
        return np.int64(-1)
    return word


@inner
def _put_word(plan: Any, n: Any, word: Any) -> Any:
    """Append a word, unless it is -1; returns the number of words."""
    if word < 0:
        return n
    simd.write_int32(plan.words + 4 * n, word)
    return n + 1


@inner
def draw_piece(plan: Any, start: Any, stop: Any, low: Any, high: Any) -> Any:
    """The kept words of a piece, and up to ``window`` words on each side of it in its row.

    Returns:
        Their number, and the range of the words of the piece itself: ``first`` to ``last``.
    """
    n, t = 0, start - 1
    while t >= low and n < plan.window:
        n = _put_word(plan, n, draw_word(plan, t))
        t -= 1
    for i in range(n // 2):
        one, other = plan.words + 4 * i, plan.words + 4 * (n - 1 - i)
        word = simd.read_int32(one)
        simd.write_int32(one, simd.read_int32(other))
        simd.write_int32(other, word)
    first = n
    for t in range(start, stop):
        n = _put_word(plan, n, draw_word(plan, t))
    last, t = n, stop
    while t < high and n < last + plan.window:
        n = _put_word(plan, n, draw_word(plan, t))
        t += 1
    return n, first, last


@inner
def draw_targets(plan: Any, first: Any, last: Any) -> None:
    """Write the word and its negatives for each centre into ``rows``."""
    for i in range(first, last):
        at, own = plan.rows + 4 * plan.padded * i, simd.read_int32(plan.words + 4 * i)
        simd.write_int32(at, own)
        for k in range(1, plan.negative + 1):
            word = draw_noise(plan)
            while word == own:
                word = draw_noise(plan)
            simd.write_int32(at + 4 * k, word)
