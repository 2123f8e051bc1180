"""The best possible predictions for a language whose distribution is known: the forward-backward algorithm.

Rabiner (1989), equations 19 to 27, for a batch of rows, scaled at each step so that nothing underflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.types import Float64s, Int64s
from plugins.datasets.toy.hmm import Language, Sample

CHUNK = 256  # rows at a time: a chunk takes CHUNK x T x C x S numbers


@dataclass(frozen=True, eq=False)
class Posteriors:
    """The posterior probabilities of rows, given different contexts.

    Args:
        log_prob: float64 (N + R,), each word and each row end given the row so far, natural log.
        left: float64 (N, K), P(tag | the words up to here).
        both: float64 (N, K), P(tag | the whole row).
        right: float64 (N, K), P(tag | the words from here on, and the position in the row).
        classes: float64 (R, C), P(class | the whole row).
    """

    log_prob: Float64s
    left: Float64s
    both: Float64s
    right: Float64s
    classes: Float64s


def posteriors(model: Language, rows: Sample, *, ahead: bool = True) -> Posteriors:
    """The posteriors of rows; only ``offsets`` and ``words`` are read.

    Without ``ahead``, those given the words ahead (``both`` and ``right``) stay 0: a third of the time.
    """
    lengths = np.diff(rows.offsets)
    count, tags = len(rows.words), len(model.tags)
    left, both, right = (np.zeros((count, tags)) for _ in range(3))
    log_prob, classes = np.zeros(count + len(lengths)), np.zeros((len(lengths), len(model.classes)))
    order = np.argsort(-lengths, kind="stable")  # rows that are active at a step come first
    for chunk in np.array_split(order, max(1, -(-len(order) // CHUNK))):
        if len(chunk):
            _fill(model, rows, chunk, Posteriors(log_prob, left, both, right, classes), ahead)
    return Posteriors(log_prob, left, both, right, classes)


def _fill(model: Language, rows: Sample, chunk: Int64s, out: Posteriors, ahead: bool) -> None:
    """Write the posteriors of a chunk of rows, longest first, into ``out``."""
    begin, ends = rows.offsets[chunk], rows.offsets[chunk + 1]
    times = np.arange((ends - begin).max(initial=0))
    active = (times[:, None] < (ends - begin)).sum(axis=1)  # (T,)
    steps = [begin[:n] + t for t, n in zip(times.tolist(), active.tolist(), strict=True)]
    emit = np.ascontiguousarray(model.emit.transpose(0, 2, 1))  # (C, V, S): the column of a word is contiguous
    seen = [emit[:, rows.words[index]] for index in steps]  # T of (C, n, S)
    tag_of = np.eye(len(model.tags))[model.tag]  # (S, K)
    alphas = [(alpha, scale) for _, alpha, scale in forward(model, seen)]
    for index, (alpha, scale) in zip(steps, alphas, strict=True):
        out.log_prob[index + chunk[: len(index)]] = np.log(scale)
        out.left[index] = alpha.sum(axis=0) @ tag_of  # (n, K)
    last = np.zeros((len(model.classes), len(chunk), len(model.states)))  # (C, B, S)
    for alpha, _ in alphas:
        last[:, : alpha.shape[1]] = alpha
    by_class = (last @ model.move[:, -1]).T  # (B, C)
    out.log_prob[ends + chunk] = np.log(by_class.sum(axis=1))
    out.classes[chunk] = by_class / by_class.sum(axis=1, keepdims=True)
    if not ahead:
        return
    known = list(_known(model, len(times)))
    for t, beta in backward(model, seen, len(chunk)):
        both = (alphas[t][0] * beta).sum(axis=0) @ tag_of
        right = (known[t] * seen[t] * beta).sum(axis=0) @ tag_of
        out.both[steps[t]] = both / both.sum(axis=1, keepdims=True)
        out.right[steps[t]] = right / right.sum(axis=1, keepdims=True)


def forward(model: Language, seen: list[Float64s]) -> Iterator[tuple[Float64s, Float64s, Float64s]]:
    """For each step P(class, state | words before), P(class, state | words so far) and P(word | words before).

    The first two are (C, n, S), the first step's first one (C, 1, S), and the last one (n,).
    """
    alpha = model.prior[:, None, None] * model.start  # (C, 1, S)
    for t, emitted in enumerate(seen):
        n = emitted.shape[1]
        before = alpha if t == 0 else alpha[:, :n] @ model.move[:, :-1]  # (C, n, S)
        alpha = before * emitted
        scale = alpha.sum(axis=(0, 2))  # (n,)
        alpha /= scale[:, None]
        yield before, alpha, scale


def backward(model: Language, seen: list[Float64s], count: int) -> Iterator[tuple[int, Float64s]]:
    """P(words after, end | class, state), scaled, (C, n, S), from the last step to the first."""
    shape = (len(model.classes), count, len(model.states))
    beta = np.broadcast_to(model.move[:, -1], shape).copy()  # unchanged until the row is active
    for t in reversed(range(len(seen))):
        n = seen[t].shape[1]
        if t + 1 < len(seen):
            m = seen[t + 1].shape[1]
            beta[:, :m] = (seen[t + 1] * beta[:, :m]) @ model.move[:, :-1].T
            beta[:, :m] /= beta[:, :m].sum(axis=(0, 2))[:, None]
        yield t, beta[:, :n]


def _known(model: Language, steps: int) -> Iterator[Float64s]:
    """P(class, state at step t) before any word is read, (C, 1, S), for each step."""
    state = model.start
    for _ in range(steps):
        yield (model.prior[:, None] * state)[:, None]
        state = state @ model.move[:, :-1]


def best(posterior: Float64s, names: tuple[str, ...]) -> list[str]:
    """The most probable name of each row: (n, K) -> n strings."""
    return [names[i] for i in posterior.argmax(axis=1).tolist()]
