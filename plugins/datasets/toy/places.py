"""The true distribution of the word at each place of a row, from the left side or from both sides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.kinds.ranks import rank
from core.types import Arrays, Float64s, Int64s
from plugins.datasets.toy.hmm import Language, Sample
from plugins.datasets.toy.oracle import backward, forward

DIGITS = 12  # to which probabilities are rounded, so that words of equal probability are tied
CHUNK = 256  # rows at a time: a step takes CHUNK x (C S + V) numbers


def word_truth(model: Language, rows: Sample, *, ahead: bool) -> Arrays:
    """The best prediction of the word at each place, given that there is a word.

    With P(class, state | words before) and P(words after, end | class, state) of the forward-backward algorithm,
    the probability of each word is their product with P(word | class, state), summed over classes and states and
    divided by its sum over words.

    Args:
        model: the language.
        rows: only ``offsets`` and ``words`` are read.
        ahead: whether the words after the place and the end of the row are known.

    Returns:
        ``best`` int64, the number of the most probable word, ``log_prob`` float64, ``above`` and ``ties`` int32 of
        the right word: (N,) each.
    """
    count = len(rows.words)
    bags, bag = np.unique(model.emit.reshape(-1, len(model.words)), axis=0, return_inverse=True)  # (G, V), (C S,)
    by_bag = np.eye(len(bags))[bag]  # (C S, G), as many states have the same words
    found: Arrays = {"best": np.zeros(count, np.int64), "log_prob": np.zeros(count)}
    found |= {name: np.zeros(count, np.int32) for name in ("above", "ties")}
    order = np.argsort(-np.diff(rows.offsets), kind="stable")  # rows that are active at a step come first
    for chunk in np.array_split(order, max(1, -(-len(order) // CHUNK))):
        for index, weights in _weights(model, rows, chunk, ahead) if len(chunk) else ():
            probabilities = weights.transpose(1, 0, 2).reshape(len(index), -1) @ by_bag @ bags  # (n, V)
            probabilities /= probabilities.sum(1, keepdims=True)
            right = rows.words[index]
            rounded = np.round(probabilities, DIGITS)
            found["best"][index] = rounded.argmax(1)
            found["log_prob"][index] = np.log(probabilities[np.arange(len(right)), right])
            found["above"][index], found["ties"][index] = rank(rounded, right)
    return found


def _weights(model: Language, rows: Sample, chunk: Int64s, ahead: bool) -> Iterator[tuple[Int64s, Float64s]]:
    """For each step of some rows, longest first: where its words are (n,), and the weights of classes and states.

    The weights, (C, n, S), are P(class, state, words before) and, if ``ahead``, times P(words after, end | class,
    state), up to a factor per row.
    """
    begin, ends = rows.offsets[chunk], rows.offsets[chunk + 1]
    times = np.arange((ends - begin).max(initial=0))
    active = (times[:, None] < (ends - begin)).sum(axis=1)  # (T,)
    steps = [begin[:n] + t for t, n in zip(times.tolist(), active.tolist(), strict=True)]
    emit = np.ascontiguousarray(model.emit.transpose(0, 2, 1))  # (C, V, S): the column of a word is contiguous
    seen = [emit[:, rows.words[index]] for index in steps]  # T of (C, n, S)
    states = (known for known, *_ in forward(model, seen))
    before = [np.broadcast_to(known, own.shape) for known, own in zip(states, seen, strict=True)]
    if not ahead:
        yield from zip(steps, before, strict=True)
        return
    for t, beta in backward(model, seen, len(chunk)):
        yield steps[t], before[t] * beta
