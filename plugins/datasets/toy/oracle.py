"""The best possible predictions of a language whose truth is known: the forward-backward algorithm.

Rabiner (1989), equations 19 to 27, over rows side by side, scaled at each step so that nothing underflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plugins.datasets.toy.hmm import Floats, Ints, Language, Sample

CHUNK = 256  # rows at a time: what is kept of a chunk is CHUNK x T x C x S numbers


@dataclass(frozen=True, eq=False)
class Posteriors:
    """What can be known of rows, by readers of different contexts.

    Args:
        log_prob: float64 (N + R,), each word and each row's end given the row so far, natural log.
        left: float64 (N, K), P(tag | the words up to here).
        both: float64 (N, K), P(tag | the whole row).
        right: float64 (N, K), P(tag | the words from here on, and how far from the start of the row it is).
        classes: float64 (R, C), P(class | the whole row).
    """

    log_prob: Floats
    left: Floats
    both: Floats
    right: Floats
    classes: Floats


def posteriors(model: Language, rows: Sample) -> Posteriors:
    """Everything that is known of rows (only ``offsets`` and ``words`` are read)."""
    lengths = np.diff(rows.offsets)
    count, tags = len(rows.words), len(model.tags)
    left, both, right = (np.zeros((count, tags)) for _ in range(3))
    log_prob, classes = np.zeros(count + len(lengths)), np.zeros((len(lengths), len(model.classes)))
    order = np.argsort(-lengths, kind="stable")  # rows that are alive at a step come first
    for chunk in np.array_split(order, max(1, -(-len(order) // CHUNK))):
        if len(chunk):
            _fill(model, rows, chunk, Posteriors(log_prob, left, both, right, classes))
    return Posteriors(log_prob, left, both, right, classes)


def _fill(model: Language, rows: Sample, chunk: npt.NDArray[np.int64], out: Posteriors) -> None:
    """Write the posteriors of some rows, the longest first, into ``out``."""
    begin, ends = rows.offsets[chunk], rows.offsets[chunk + 1]
    times = np.arange((ends - begin).max(initial=0))
    alive = (times[:, None] < (ends - begin)).sum(axis=1)  # (T,)
    steps = [begin[:n] + t for t, n in zip(times.tolist(), alive.tolist(), strict=True)]
    emit = np.ascontiguousarray(model.emit.transpose(0, 2, 1))  # (C, V, S): a word's column is one run of memory
    seen = [emit[:, rows.words[index]] for index in steps]  # T of (C, n, S)
    tag_of = np.eye(len(model.tags))[model.tag]  # (S, K)
    alphas = list(_forward(model, seen))
    for index, (alpha, scale) in zip(steps, alphas, strict=True):
        out.log_prob[index + chunk[: len(index)]] = np.log(scale)
        out.left[index] = alpha.sum(axis=0) @ tag_of  # (n, K)
    last = np.zeros((len(model.classes), len(chunk), len(model.states)))  # (C, B, S)
    for alpha, _ in alphas:
        last[:, : alpha.shape[1]] = alpha
    by_class = (last @ model.move[:, -1]).T  # (B, C)
    out.log_prob[ends + chunk] = np.log(by_class.sum(axis=1))
    out.classes[chunk] = by_class / by_class.sum(axis=1, keepdims=True)
    known = list(_known(model, len(times)))
    for t, beta in _backward(model, seen, len(chunk)):
        both = (alphas[t][0] * beta).sum(axis=0) @ tag_of
        right = (known[t] * seen[t] * beta).sum(axis=0) @ tag_of
        out.both[steps[t]] = both / both.sum(axis=1, keepdims=True)
        out.right[steps[t]] = right / right.sum(axis=1, keepdims=True)


def _forward(model: Language, seen: list[Floats]) -> Iterator[tuple[Floats, Floats]]:
    """P(class, state | words so far) (C, n, S) and P(word | words before) (n,), step by step."""
    alpha = model.prior[:, None, None] * model.start  # (C, 1, S)
    for t, emitted in enumerate(seen):
        n = emitted.shape[1]
        before = alpha if t == 0 else alpha[:, :n] @ model.move[:, :-1]  # (C, n, S)
        alpha = before * emitted
        scale = alpha.sum(axis=(0, 2))  # (n,)
        alpha /= scale[:, None]
        yield alpha, scale


def _backward(model: Language, seen: list[Floats], count: int) -> Iterator[tuple[int, Floats]]:
    """P(words after, end | class, state), scaled, (C, n, S), from the last step to the first."""
    shape = (len(model.classes), count, len(model.states))
    beta = np.broadcast_to(model.move[:, -1], shape).copy()  # a row's own until it is alive
    for t in reversed(range(len(seen))):
        n = seen[t].shape[1]
        if t + 1 < len(seen):
            m = seen[t + 1].shape[1]
            beta[:, :m] = (seen[t + 1] * beta[:, :m]) @ model.move[:, :-1].T
            beta[:, :m] /= beta[:, :m].sum(axis=(0, 2))[:, None]
        yield t, beta[:, :n]


def _known(model: Language, steps: int) -> Iterator[Floats]:
    """P(class, state at step t) before any word is read, (C, 1, S)."""
    state = model.start
    for _ in range(steps):
        yield (model.prior[:, None] * state)[:, None]
        state = state @ model.move[:, :-1]


def best(posterior: Floats, names: tuple[str, ...]) -> list[str]:
    """The most probable name of each row: (n, K) -> n strings."""
    chosen: Ints = posterior.argmax(axis=1).astype(np.int32)
    return [names[i] for i in chosen.tolist()]
