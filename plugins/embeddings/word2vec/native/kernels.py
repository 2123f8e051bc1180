"""The training kernel: one window at a time, six output rows at a time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from plugins.embeddings.word2vec.native import simd, softmax
from plugins.embeddings.word2vec.native.compiled import OPTIONS, inner, version
from plugins.embeddings.word2vec.native.plan import GROUP, REACH, STEPS
from plugins.embeddings.word2vec.native.rng import draw_piece, draw_targets, random

AHEAD_INPUT, AHEAD_OUTPUT = 8, 2  # how many centres ahead rows are prefetched


@inner
def _prefetch(plan: Any, base: Any, row: Any) -> None:
    """Prefetch a row."""
    for at in range(base + row * plan.width, base + (row + 1) * plan.width, simd.BYTES):
        simd.prefetch(at)


@inner
def _span(plan: Any, i: Any) -> Any:
    """The output rows of centre ``i`` and their signs: two addresses and the number, padding included."""
    if plan.negative:
        return plan.rows + 4 * plan.padded * i, plan.signs, plan.padded
    word = simd.read_int32(plan.words + 4 * i)
    start, stop = simd.read_int64(plan.starts + 8 * word), simd.read_int64(plan.starts + 8 * word + 8)
    return plan.nodes + 4 * start, plan.turns + 4 * start, stop - start


@inner
def _look_ahead(plan: Any, i: Any, n: Any, last: Any) -> None:
    """Prefetch the rows of the centres after ``i``."""
    if i + AHEAD_INPUT < n:
        _prefetch(plan, plan.inputs, simd.read_int32(plan.words + 4 * (i + AHEAD_INPUT)))
    if 0 <= i + AHEAD_OUTPUT < last and not plan.full:
        rows, _, count = _span(plan, i + AHEAD_OUTPUT)
        for k in range(count):
            _prefetch(plan, plan.outputs, simd.read_int32(rows + 4 * k))


@inner
def _score(plan: Any, count: Any) -> None:
    """The dot products of the rows ``around`` with the six ``targets``: scores (count, 6)."""
    t = plan.targets
    o0, o1, o2 = simd.read_int64(t), simd.read_int64(t + 8), simd.read_int64(t + 16)
    o3, o4, o5 = simd.read_int64(t + 24), simd.read_int64(t + 32), simd.read_int64(t + 40)
    for c in range(count):
        x, scores = simd.read_int64(plan.around + 8 * c), plan.scores + 4 * GROUP * c
        s0, s1, s2 = simd.zeros(), simd.zeros(), simd.zeros()
        s3, s4, s5 = simd.zeros(), simd.zeros(), simd.zeros()
        for at in range(0, plan.width, simd.BYTES):
            v = simd.load(x + at)
            s0 = simd.plus_product(v, simd.load(o0 + at), s0)
            s1 = simd.plus_product(v, simd.load(o1 + at), s1)
            s2 = simd.plus_product(v, simd.load(o2 + at), s2)
            s3 = simd.plus_product(v, simd.load(o3 + at), s3)
            s4 = simd.plus_product(v, simd.load(o4 + at), s4)
            s5 = simd.plus_product(v, simd.load(o5 + at), s5)
        simd.write_float32(scores, simd.total(s0))
        simd.write_float32(scores + 4, simd.total(s1))
        simd.write_float32(scores + 8, simd.total(s2))
        simd.write_float32(scores + 12, simd.total(s3))
        simd.write_float32(scores + 16, simd.total(s4))
        simd.write_float32(scores + 20, simd.total(s5))


@inner
def _loss(plan: Any, count: Any, signs: Any, rate: Any) -> Any:
    """Replace each score by the learning rate times its negative gradient; returns the loss."""
    loss, zero, highest, reach = 0.0, np.float32(0), np.float32(2 * REACH * STEPS), np.float32(REACH)
    for c in range(count):
        part = zero
        for k in range(GROUP):
            sign, score = simd.read_float32(signs + 4 * k), plan.scores + 4 * (GROUP * c + k)
            x = -sign * simd.read_float32(score)  # the loss is log(1 + exp(x))
            place = (x + reach) * np.float32(STEPS)
            place = place if place > zero else zero  # this form maps NaN to 0 too, so the index is always valid
            place = place if place < highest else highest
            i = np.int32(place)
            after, at = place - np.float32(i), plan.table + 16 * np.int64(i)
            slope = simd.read_float32(at) + after * simd.read_float32(at + 4)
            value = simd.read_float32(at + 8) + after * simd.read_float32(at + 12)
            part += abs(sign) * (value + (x - reach if x > reach else zero))
            simd.write_float32(score, rate * sign * slope)
        loss += np.float64(part)
    return loss


@inner
def _update(plan: Any, count: Any) -> None:
    """Add the scores (now gains) times the rows of the other side to ``around`` and to the six ``targets``."""
    t = plan.targets
    o0, o1, o2 = simd.read_int64(t), simd.read_int64(t + 8), simd.read_int64(t + 16)
    o3, o4, o5 = simd.read_int64(t + 24), simd.read_int64(t + 32), simd.read_int64(t + 40)
    for at in range(0, plan.width, simd.BYTES):
        b0, b1, b2 = simd.load(o0 + at), simd.load(o1 + at), simd.load(o2 + at)
        b3, b4, b5 = simd.load(o3 + at), simd.load(o4 + at), simd.load(o5 + at)
        d0, d1, d2 = simd.zeros(), simd.zeros(), simd.zeros()
        d3, d4, d5 = simd.zeros(), simd.zeros(), simd.zeros()
        for c in range(count):
            row, g = simd.read_int64(plan.around + 8 * c) + at, plan.scores + 4 * GROUP * c
            g0, g1, g2 = simd.read_float32(g), simd.read_float32(g + 4), simd.read_float32(g + 8)
            g3, g4, g5 = simd.read_float32(g + 12), simd.read_float32(g + 16), simd.read_float32(g + 20)
            x = simd.load(row)
            d0, d1, d2 = simd.plus_scaled(x, g0, d0), simd.plus_scaled(x, g1, d1), simd.plus_scaled(x, g2, d2)
            d3, d4, d5 = simd.plus_scaled(x, g3, d3), simd.plus_scaled(x, g4, d4), simd.plus_scaled(x, g5, d5)
            y = simd.plus_scaled(b2, g2, simd.plus_scaled(b1, g1, simd.plus_scaled(b0, g0, x)))
            z = simd.plus_scaled(b5, g5, simd.plus_scaled(b4, g4, simd.plus_scaled(b3, g3, simd.zeros())))
            simd.store(row, simd.plus(y, z))
        simd.store(o0 + at, simd.plus(simd.load(o0 + at), d0))  # read again: a row may occur twice
        simd.store(o1 + at, simd.plus(simd.load(o1 + at), d1))
        simd.store(o2 + at, simd.plus(simd.load(o2 + at), d2))
        simd.store(o3 + at, simd.plus(simd.load(o3 + at), d3))
        simd.store(o4 + at, simd.plus(simd.load(o4 + at), d4))
        simd.store(o5 + at, simd.plus(simd.load(o5 + at), d5))


@inner
def _step(plan: Any, count: Any, i: Any, rate: Any) -> Any:
    """One step on the first ``count`` rows of ``around`` and the output rows of centre ``i``; returns the loss."""
    if plan.full:
        return softmax.step(plan, count, simd.read_int32(plan.words + 4 * i), rate)
    rows, signs, length = _span(plan, i)
    loss = 0.0
    for at in range(0, 4 * length, 4 * GROUP):
        for k in range(GROUP):
            row = simd.read_int32(rows + at + 4 * k)
            simd.write_int64(plan.targets + 8 * k, plan.outputs + row * plan.width)
        _score(plan, count)
        loss += _loss(plan, count, signs + at, rate)
        _update(plan, count)
    return loss


@inner
def _average(plan: Any, count: Any) -> None:
    """Write the mean of the window's input rows twice into ``hidden``."""
    scale = np.float32(1 / count)
    for at in range(0, plan.width, simd.BYTES):
        mean = simd.zeros()
        for c in range(count):
            mean = simd.plus_scaled(simd.load(simd.read_int64(plan.around + 8 * c) + at), scale, mean)
        simd.store(plan.hidden + at, mean)
        simd.store(plan.hidden + plan.width + at, mean)


@inner
def _spread(plan: Any, count: Any) -> None:
    """Add the change of the mean to each of the window's input rows."""
    scale = np.float32(1 / count if plan.share else 1)
    for at in range(0, plan.width, simd.BYTES):
        before = simd.load(plan.hidden + plan.width + at)
        change = simd.plus_scaled(before, np.float32(-1), simd.load(plan.hidden + at))
        for c in range(count):
            row = simd.read_int64(plan.around + 8 * c) + at
            simd.store(row, simd.plus_scaled(change, scale, simd.load(row)))


@inner
def _context(plan: Any, i: Any, n: Any) -> Any:
    """Write the addresses of the input rows around centre ``i`` into ``around``; returns their number."""
    count = 0
    reach = 1 + np.int64(((random(plan) >> np.uint64(32)) * np.uint64(plan.window)) >> np.uint64(32))
    for j in range(max(0, i - reach), min(n, i + reach + 1)):
        if j != i:
            row = plan.inputs + simd.read_int32(plan.words + 4 * j) * plan.width
            simd.write_int64(plan.around + 8 * count, row)
            count += 1
    return count


@inner
def _centre(plan: Any, i: Any, n: Any, rate: Any) -> Any:
    """One step on the window of centre ``i``: the loss, and the number of predictions."""
    count = _context(plan, i, n)
    if not count:
        return 0.0, 0
    if not plan.cbow:
        return _step(plan, count, i, rate), count
    _average(plan, count)
    first = simd.read_int64(plan.around)
    simd.write_int64(plan.around, plan.hidden)
    loss = _step(plan, 1, i, rate)
    simd.write_int64(plan.around, first)
    _spread(plan, count)
    return loss, 1


@inner
def _train(plan: Any, pieces: Any, done: Any) -> Any:
    """See ``train``."""
    loss, predictions = 0.0, 0
    for p in range(len(pieces)):
        rate = np.float32(max(plan.start - plan.slope * done, plan.end))
        n, first, last = draw_piece(plan, pieces[p, 0], pieces[p, 1], pieces[p, 2], pieces[p, 3])
        if plan.negative:
            draw_targets(plan, first, last)
        for i in range(-AHEAD_INPUT, last):
            _look_ahead(plan, i, n, last)
            if i >= first:
                part, count = _centre(plan, i, n, rate)
                loss += part
                predictions += count
        done += pieces[p, 1] - pieces[p, 0]
    return loss, predictions


def _cached(code: int) -> Any:
    """The kernel, cached on disk: numba's cache depends on closure variables, so here on the source code."""

    def train(plan: Any, pieces: Any, done: Any) -> Any:
        """Train on pieces of the text, in order.

        Args:
            plan: ``Plan``.
            pieces: int64 (P, 4): first token, one past the last token, and start and end of the row.
            done: tokens read before, which determine the learning rate.

        Returns:
            The sum of the loss, and the number of predictions (pairs; windows with CBOW).
        """
        if code < 0:
            return 0.0, 0
        return _train(plan, pieces, done)

    return numba.njit(cache=True, **OPTIONS)(train)


train = _cached(version())
