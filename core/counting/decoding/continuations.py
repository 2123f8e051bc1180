"""How a count model scores words after histories, many at once, through its public interface alone."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from core.counting.base import CountModel
from core.data.corpus import Ragged
from core.data.vocab import END
from core.types import Bools, Float64s, Int32s, Int64s

WORDS = 1 << 21  # words scored per call, which bounds the memory


def score_continuations(
    model: CountModel, histories: Int32s, states: Int64s, words: Int32s, bounds: Int64s, ends: Bools
) -> Float64s:
    """The log-probability of a phrase after a history, of many.

    Args:
        model: a fitted model.
        histories: int32 (S, C), right-aligned words, END before the first word of a row; as many words as the
            model looks back, or all.
        states: int64 (N,), the history of each phrase.
        words: int32, all phrases without END.
        bounds: int64 (N, 2), where the words of each phrase begin and end.
        ends: bool (N,), whether to add the log-probability that the row then ends.

    Returns:
        float64 (N,).
    """
    result = np.empty(len(states))
    before = (histories != END).sum(axis=1)  # (S,)
    sizes = np.cumsum(before[states] + bounds[:, 1] - bounds[:, 0] + 1)
    first = 0
    while first < len(states):
        used = sizes[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(sizes, used + WORDS, side="right")))
        offsets = np.concatenate([[0], sizes[first:last] - used]).astype(np.int64)
        values = np.full(offsets[-1], END, dtype=np.int32)
        _fill(histories, before, states[first:last], words, bounds[first:last], offsets, values)
        scores = model.log_probs(Ragged(values, offsets))
        _sum(scores, before, states[first:last], offsets, ends[first:last], result[first:last])
        first = last
    return result


@numba.njit(cache=True)
def _fill(histories: Any, before: Any, states: Any, words: Any, bounds: Any, offsets: Any, values: Any) -> None:
    """Write a row for each phrase: its history, then its words; END is there."""
    width = histories.shape[1]
    for n in range(len(states)):
        at, known = offsets[n], before[states[n]]
        values[at : at + known] = histories[states[n], width - known :]
        values[at + known : offsets[n + 1] - 1] = words[bounds[n, 0] : bounds[n, 1]]


@numba.njit(cache=True)
def _sum(scores: Any, before: Any, states: Any, offsets: Any, ends: Any, result: Any) -> None:
    for n in range(len(states)):
        result[n] = scores[offsets[n] + before[states[n]] : offsets[n + 1] - (not ends[n])].sum()
